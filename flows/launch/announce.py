"""The command `python -m flows.announce`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Tell the team what came of trainings that ran on other machines: rejected by validation or by a gate, or a new version.
Where people are told is in HEADGATE_NOTIFY; without it nothing is sent. A channel that fails is logged.

Examples:

  python -m flows.announce best        what `python -m headgate compare --output best` wrote

Exit codes: 0 also when a channel failed; 2 could not run.
"""


@app.command(help=EXAMPLES)
def announce(
        folder: Annotated[Path, typer.Argument(help="Folder with what `--keep` or `compare` wrote.")],
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        told = _announce(folder)
        for model, channels in told.items():
            for channel, trouble in channels.items():
                typer.echo(f"{model}: told {channel}" + (f" in vain: {trouble}" if trouble else ""), err=as_json)
        if as_json:
            from flows.launch.run import as_json_line

            sys.stdout.write(as_json_line({"told": told}) + "\n")


def _announce(folder):
    """Return {model: {channel: None, or what went wrong}}."""
    from headgate.candidates import read_results
    from headgate.commands.github import run_url
    from headgate.notices.of_runs import of_training, serving_now
    from headgate.workspace import Workspace
    from tasks.notifying import announce as tell
    from tasks.scoring import Place

    place, run, told = Place(Workspace.from_environment()), run_url(os.environ), {}
    for one in read_results(folder):
        for notice in of_training(one.summary, serving=serving_now(place.workspace, one.model), run=run):
            told.setdefault(one.model, {}).update(tell(place, notice))
    return told
