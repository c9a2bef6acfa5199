"""`rollback`: put the champion before back."""

from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.notices.by_hand import tell_rollback
from headgate.registry.aliases import rollback as roll_back
from headgate.workspace import Workspace


def rollback(name: Annotated[str, typer.Argument(help="Name of the model.")],
             reason: Annotated[str, typer.Option(help="Kept in the ledger.")] = "",
             json_output: JsonOption = False):
    """Make `previous` the champion again, at once; whoever HEADGATE_NOTIFY names is told.

    Examples:

        python -m headgate rollback flights

        python -m headgate rollback flights --reason "errors rose after the promotion"
    """
    with command_errors(json_output):
        workspace = Workspace.from_environment()
        change = roll_back(workspace, name, reason=reason)
        now = change.champion
        tell_rollback(workspace, change, reason=reason)
        finish(json_output, {"model": name, "version": now.version, "digest": now.digest, "before": change.before,
                             "outcome": "rolled back"},
               f"Version {now.version} of {name} is the champion again (it was version {change.before}).")
