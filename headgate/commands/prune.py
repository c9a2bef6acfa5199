"""`prune`: remove what interrupted work left, and old snapshots and reports."""

from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.registry.leftovers import prune as find_leftovers
from headgate.workspace import Workspace


def prune(keep: Annotated[int, typer.Option(min=0, help="Newest snapshots and reports that stay.")] = 10,
          hours: Annotated[float, typer.Option(min=0, help="Younger staging folders stay.")] = 24.0,
          apply: Annotated[bool, typer.Option("--apply/--dry-run", help="Remove, or only list (the default).")] = False,
          json_output: JsonOption = False):
    """List, or with --apply remove, what interrupted work left behind, and old snapshots and reports.

    A finished version, and whatever one with an alias needs, is never removed.

    Examples:

        python -m headgate prune

        python -m headgate prune --apply --keep 5
    """
    with command_errors(json_output):
        found, busy = find_leftovers(Workspace.from_environment(), keep=keep, older_than=hours * 3600, apply=apply)
        verb = "Removed" if apply else "Would remove"
        lines = [f"{verb} {one.kind} {one.name}" + (f" of {one.model}" if one.model else "") + f": {one.why}."
                 for one in found] or ["Nothing to remove."]
        lines += [f"{model} is busy and was left alone; run prune again later." for model in busy]
        if found and not apply:
            lines.append("Nothing was removed yet; to do it: python -m headgate prune --apply")
        finish(json_output, {"removed" if apply else "would_remove": [one.to_dict() for one in found],
                             "busy": list(busy)}, "\n".join(lines))
