"""`promote`: make a version the champion."""

from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import HeadgateError
from headgate.notices.by_hand import tell_promotion
from headgate.registry.aliases import promote as promote_version
from headgate.workspace import Workspace


def promote(name: Annotated[str, typer.Argument(help="Name of the model.")],
            version: Annotated[str, typer.Option(help="Number or alias.")] = "challenger",
            override: Annotated[str | None, typer.Option(
                metavar="REASON", help="Promote although a gate did not pass; the ledger keeps the reason.")] = None,
            json_output: JsonOption = False):
    """Make a version (by default the challenger) the champion; the champion becomes `previous`.

    Refuses (exit 1) a version whose gates did not all pass, unless told why it should be promoted all the same.
    Whoever HEADGATE_NOTIFY names is told.

    Examples:

        python -m headgate promote flights

        python -m headgate promote flights --version 4 --override "the floor was set for another airport"
    """
    with command_errors(json_output):
        if override is not None and not override.strip():
            raise HeadgateError("--override needs a reason.", value=repr(override),
                                remedy="Say why this version should serve although a gate did not pass.")
        workspace = Workspace.from_environment()
        change = promote_version(workspace, name, version, override=override)
        now = change.champion
        if change.changed:
            tell_promotion(workspace, change, override=override)
        text = f"Version {now.version} of {name} is the champion." if change.changed else \
            f"Version {now.version} of {name} is the champion already."
        if change.changed and change.before:
            text += f" Version {change.before} is previous; to put it back: python -m headgate rollback {name}"
        finish(json_output, {"model": name, "version": now.version, "digest": now.digest, "before": change.before,
                             "outcome": "promoted" if change.changed else "unchanged"}, text)
