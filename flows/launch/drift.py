"""The command `python -m flows.drift`."""

import sys
import threading
import time
from pathlib import Path
from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
DRIFT_FOUND = 3
EXAMPLES = """
Compare current rows with the rows that a version was trained on: PSI and Jensen-Shannon of every column and of the
predictions. Columns count by their importance to the version, so a season that moves the temperature is no drift where
the model does not look at it. Current rows are those of the prediction log if it has enough, else the rows of the
source that are newer than the training.

Examples:

  python -m flows.drift --model flights --as-of 2013-12-01     the source's rows of November

  python -m flows.drift --model flights --current log --since 2026-03-01

  python -m flows.drift --model flights --data rows.csv

  python -m flows.drift --model flights --json | tail -n 1     for scripts

Exit codes: 0 no drift, or held for too few rows; 3 drift; 2 could not compare.
"""


@app.command(help=EXAMPLES)
def drift(
        model: Annotated[str, typer.Option(help="Name in the registry.")] = "flights",
        version: Annotated[str, typer.Option(help="Number or alias: 2, champion, challenger, canary.")] = "champion",
        data: Annotated[str | None, typer.Option(metavar="FILE_OR_URL", help="CSV or Parquet of current rows.")] = None,
        current: Annotated[str, typer.Option(metavar="auto|log|source", help="Where current rows are.")] = "auto",
        since: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Only rows from this day on.")] = None,
        as_of: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Only rows before this day.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
        github: GithubOption = False):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        need_github(github)
        summary = _run(model, version, data=data, current=current, since=since, as_of=as_of)
        tell_github(github, summary, report=Path(summary["report"]))
        raise typer.Exit(show(summary, as_json))


def _run(model, version, **options):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.registry.connection import knock
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    knock(workspace)
    with disk_errors(workspace.home), progress(f"Comparing rows of {model}"), prefect_api(workspace.home) as ready:
        heavy = threading.Thread(target=_import_heavy, daemon=True)
        heavy.start()
        _told_now(workspace, model, version, **options)
        from flows.drift import check_drift

        ready()
        heavy.join()
        return run_flow(check_drift, model=model, version=version, **options)


def _told_now(workspace, model, version, **options):
    """What cannot be compared is told before the flow begins."""
    from headgate.current.champion import find_champion
    from headgate.drift.request import ask

    ask(find_champion(workspace, model, version), **options, now=int(time.time() * 1000))


def _import_heavy():
    from headgate.drift.evidently_page import preload

    preload()


def show(summary, as_json):
    """Print the columns that moved, what to know, and where the reports are; return the exit code."""
    from rich.console import Console

    console = Console(stderr=as_json)
    if summary["columns"]:
        console.print(_table(summary))
    for note in summary["notes"]:
        console.print(f"- {note}", markup=False, highlight=False, soft_wrap=True)
    console.print(summary["sentence"], markup=False, highlight=False, soft_wrap=True)
    for title, place in (("report", summary["report"]), ("Evidently", summary["evidently"])):
        if place:
            console.print(f"{title}: {place}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return DRIFT_FOUND if summary["drift"] else 0


def _table(summary):
    from rich.table import Table

    from headgate.drift.pages import table

    shown = Table(title=f"Drift of {summary['model']} version {summary['version']}")
    for name in ("column", "moved", "PSI", "Jensen-Shannon", "importance", "empty now"):
        shown.add_column(name, justify="left" if name in ("column", "moved") else "right")
    for row in table(summary):
        colour = "yellow" if row["moved"] == "yes" else "none"
        shown.add_row(*(row[name] for name in ("column", "moved", "PSI", "Jensen-Shannon", "importance", "empty now")),
                      style=colour)
    return shown
