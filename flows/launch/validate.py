"""The command `python -m flows.validate`."""

from pathlib import Path
from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github
from flows.launch.keep import KeepOption, keep_result

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Validate a model's table against its column list; nothing is trained.

Examples:

  python -m flows.validate --model penguins

  python -m flows.validate --model flights --data new-flights.csv

Exit codes: 0 valid; 1 invalid, with a report and the offending rows in quarantine; 2 could not run. With --keep, that
it could not run is kept and told to the team, too.
"""


@app.command(help=EXAMPLES)
def validate(
        model: Annotated[str, typer.Option(help="Folder under models/.")] = "flights",
        data: Annotated[str | None, typer.Option(help="A CSV or Parquet instead of the spec's source.")] = None,
        as_of: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="See only rows before this day.")] = None,
        force: Annotated[bool, typer.Option(help="Run every check although nothing changed.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
        github: GithubOption = False,
        keep: KeepOption = None):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        from flows.launch.failed import telling_failure
        from flows.launch.show import show_validation

        need_github(github)
        with telling_failure(model, keep, github):
            summary = _run(model, as_of, data, force)
        keep_result(keep, summary)
        tell_github(github, summary, report=Path(summary["report"]).with_suffix(".md"))
        raise typer.Exit(show_validation(summary, as_json))


def _run(model, as_of, data, force):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.training.request import resolve
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    resolve(workspace, model, as_of=as_of, data=data)
    with disk_errors(workspace.home), progress(f"Validating {model}"), prefect_api(workspace.home) as ready:
        from flows.launch.warm import warm

        warm(model, as_of=as_of, data=data, validating_only=True)
        from flows.validate import validate_data

        ready()
        return run_flow(validate_data, model=model, as_of=as_of, data=data, force=force)
