"""The command `python -m flows.retrain`."""

import sys
import threading
from pathlib import Path
from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github
from flows.launch.keep import KeepOption, keep_result

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Decide whether a model is to be trained again, and train it if so: the schedule is due, drift is over its limit,
accuracy on newly labelled rows is under its floor, or there are enough new rows. A cool-down and a budget hold it
back. What comes of it goes through every gate; if it is rejected, the champion stays. Rows of the prediction log that
got their true label are learnt from, too.

Examples:

  python -m flows.retrain --model flights --dry-run            tell only

  python -m flows.retrain --model flights --as-of 2013-12-01   pretend that it is this day

  python -m flows.retrain --model flights --force              train whatever the rules say

  python -m flows.retrain --model flights --json | tail -n 1   for scripts

Exit codes: 0 trained, not due or held; 1 rejected by validation or by a gate; 2 could not run.
"""


@app.command(help=EXAMPLES)
def retrain(
        model: Annotated[str, typer.Option(help="Folder under models/.")] = "flights",
        as_of: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="Stand on this day.")] = None,
        dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide only; record nothing.")] = False,
        force: Annotated[bool, typer.Option(help="Train whatever the rules say.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
        github: GithubOption = False,
        keep: KeepOption = None):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        need_github(github)
        summary = _run(model, as_of=as_of, dry_run=dry_run, force=force)
        keep_result(keep, summary)
        tell_github(github, summary, report=Path(summary["report"]))
        raise typer.Exit(show(summary, as_json))


def _run(model, **options):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.registry.connection import knock
    from headgate.training.request import resolve
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    knock(workspace)
    resolve(workspace, model, as_of=options["as_of"])       # what cannot be trained at all is told now
    with disk_errors(workspace.home), progress(f"Retraining {model}"), prefect_api(workspace.home) as ready:
        heavy = threading.Thread(target=_import_heavy, daemon=True)
        heavy.start()
        from flows.retrain import retrain_model

        ready()
        heavy.join()
        return run_flow(retrain_model, model=model, **options)


def _import_heavy():
    from headgate.drift.evidently_page import preload

    preload()


def show(summary, as_json):
    """Print the rules, what was decided and what came of it; return the exit code."""
    from rich.console import Console

    console = Console(stderr=as_json)
    console.print(_table(summary))
    training = summary["training"] or {}
    if training.get("gates"):
        from flows.launch.gates import gate_table

        console.print(gate_table(training))
    for sentence in training.get("failed", ()):
        console.print(f"- {sentence}", markup=False, highlight=False, soft_wrap=True)
    console.print(summary["sentence"], markup=False, highlight=False, soft_wrap=True)
    for title, place in (("report", summary["report"]), ("drift", (summary["drift"] or {}).get("report")),
                         ("training", training.get("report"))):
        if place:
            console.print(f"{title}: {place}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return 1 if summary["outcome"] == "rejected" else 0


def _table(summary):
    from rich.table import Table

    shown = Table(title=f"Rules of retraining {summary['model']}")
    for name in ("rule", "observed", "limit", "fires"):
        shown.add_column(name, justify="right" if name in ("observed", "limit") else "left")
    for kind in ("reasons", "holds"):
        for rule in summary[kind]:
            told = {True: "yes" if kind == "reasons" else "holds back", False: "no"}[rule["fires"]]
            shown.add_row(rule["rule"], *("" if rule[one] is None else f"{rule[one]:.4g}"
                                          for one in ("observed", "limit")), told)
        shown.add_section()
    return shown
