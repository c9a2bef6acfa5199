"""`rollback`: put the champion before back."""

from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.registry.aliases import rollback as roll_back
from headgate.workspace import Workspace


def rollback(name: Annotated[str, typer.Argument(help="Name of the model.")],
             reason: Annotated[str, typer.Option(help="Kept in the ledger.")] = "",
             json_output: JsonOption = False):
    """Make `previous` the champion again, at once.

    Examples:

        python -m headgate rollback flights

        python -m headgate rollback flights --reason "errors rose after the promotion"
    """
    with command_errors(json_output):
        change = roll_back(Workspace.from_environment(), name, reason=reason)
        now = change.champion
        finish(json_output, {"model": name, "version": now.version, "digest": now.digest, "before": change.before,
                             "outcome": "rolled back"},
               f"Version {now.version} of {name} is the champion again (it was version {change.before}).")
