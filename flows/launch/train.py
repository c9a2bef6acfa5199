"""The command `python -m flows.train`."""

from pathlib import Path
from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github
from flows.launch.keep import KeepOption, keep_result

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Train a model: validate its table, compare algorithms by cross-validation, judge the best on the holdout by every
gate, and register what passes.

Examples:

  python -m flows.train                                    the flights example

  python -m flows.train --model penguins --algorithm all   compare all five algorithms

  python -m flows.train --as-of 2014-01-01                 pretend that it is this day

  python -m flows.train --with-log                         learn from predictions and their feedback, too

  python -m flows.train --json | tail -n 1                 for scripts

Exit codes: 0 done, held or unchanged; 1 rejected by validation or by a gate; 2 could not run.
"""


@app.command(help=EXAMPLES)
def train(
        model: Annotated[str, typer.Option(help="Folder under models/.")] = "flights",
        as_of: Annotated[str | None, typer.Option(metavar="YYYY-MM-DD", help="See only rows before this day.")] = None,
        algorithm: Annotated[list[str] | None, typer.Option(
            help="Compare these instead of the spec's (repeat the option; `all`: every one).")] = None,
        data: Annotated[str | None, typer.Option(help="A CSV or Parquet instead of the spec's source.")] = None,
        with_log: Annotated[bool, typer.Option(
            "--with-log", help="Add rows of the prediction log that got their true label.")] = False,
        force: Annotated[bool, typer.Option(help="Run every step although nothing changed.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False,
        github: GithubOption = False,
        keep: KeepOption = None):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        need_github(github)
        asked = {"as_of": as_of, "data": data, "labelled": "log" if with_log else None}
        summary, request = _unless_unchanged(model, algorithm, force, **asked)
        summary = summary or _run(model, algorithm, force, **{**asked, "labelled": request.labelled})
        keep_result(keep, summary)
        tell_github(github, summary, report=markdown_of(summary))
        raise typer.Exit(_report(summary, as_json))


def _unless_unchanged(model, algorithm, force, **asked):
    """Return (the answer of an unchanged re-run or None, Request) from its record: no Prefect, no server, no pandas."""
    from headgate.training.record import read_record
    from headgate.training.request import resolve
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    _, _, request = resolve(workspace, model, algorithms=algorithm, **asked)
    record = None if force else read_record(workspace, request)
    return record and {**record, "outcome": "unchanged"}, request


def _run(model, algorithm, force, **asked):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.registry.connection import knock
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    knock(workspace)
    with disk_errors(workspace.home), progress(f"Training {model}"), prefect_api(workspace.home) as ready:
        from flows.launch.warm import warm

        warm(model, algorithms=algorithm, check=lambda: _refuse_early(workspace, model, algorithm), **asked)
        from flows.train import train_model

        ready()
        return run_flow(train_model, model=model, algorithm=algorithm, force=force, **asked)


def _refuse_early(workspace, model, algorithm):
    """Tell what needs no table without waiting for the flow that reads it."""
    from headgate.spec import find_model, load_spec
    from headgate.training.foreseen import refuse_early
    from headgate.training.request import choose_algorithms

    folder = find_model(workspace.root, model)
    spec = load_spec(folder)
    refuse_early(spec, folder, choose_algorithms(spec, algorithm))


def markdown_of(summary):
    """Return the path of the Markdown beside the HTML report, or None where there is none."""
    path = Path(summary.get("report") or "none.html").with_suffix(".md")
    return path if path.is_file() else None


def _report(summary, as_json):
    from flows.launch.show import show_training

    return show_training(summary, as_json)
