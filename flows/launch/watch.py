"""The command `python -m flows.watch`."""

import sys
from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Look whether a model's source changed since the last look. On a Prefect server a change is an event, which starts the
validation of what arrived, and after it the decision about a retraining.

Examples:

  python -m flows.watch --model flights

  python -m flows.watch --model flights --json | tail -n 1

Exit codes: 0 changed or not (`changed` in the JSON tells); 2 could not run.
"""


@app.command(help=EXAMPLES)
def watch(
        model: Annotated[str, typer.Option(help="Folder under models/.")] = "flights",
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
        github: GithubOption = False):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        need_github(github)
        summary = _run(model)
        tell_github(github, summary)
        typer.echo(summary["sentence"], err=as_json)
        if as_json:
            from flows.launch.run import as_json_line

            sys.stdout.write(as_json_line(summary) + "\n")


def _run(model):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.spec import find_model
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    find_model(workspace.root, model)
    with disk_errors(workspace.home), progress(f"Looking at {model}"), prefect_api(workspace.home) as ready:
        from flows.watch import watch_source

        ready()
        return run_flow(watch_source, model=model)
