"""The command `python -m flows.remote`."""

import os
import sys
from contextlib import contextmanager
from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Start a flow on the Prefect server of PREFECT_API_URL, where a worker runs it, and wait for its end. The flow must have
been deployed there (prefect deploy --all). PREFECT_API_KEY or PREFECT_API_AUTH_STRING are used if set.

Examples:

  python -m flows.remote train --param model=flights

  python -m flows.remote train --param model=penguins --param algorithm=all --timeout 3600

  python -m flows.remote drift --json | tail -n 1

Exit codes, those of the flow: 0 completed; 1 the answer is no (state Rejected); 3 drift found; 2 could not run,
crashed, was cancelled or did not end in time. The run goes on when this command is interrupted. What comes of a run is
told by the server's flows; that it could not be run is told here, where HEADGATE_NOTIFY says whom.
"""


@app.command(help=EXAMPLES)
def remote(
        flow: Annotated[str, typer.Argument(help="validate, train, predict, drift, retrain or deploy.")],
        param: Annotated[list[str] | None, typer.Option(
            metavar="NAME=VALUE", help="A parameter of the flow (repeat the option). JSON, or text; an empty value "
            "leaves the deployment's own.")] = None,
        timeout: Annotated[float, typer.Option(min=1, metavar="SECONDS", help="How long it may all take.")] = 7200,
        poll: Annotated[float, typer.Option(min=0.1, metavar="SECONDS", help="How often to ask.")] = 2,
        github: GithubOption = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False):
    from headgate.commands.shell import command_errors

    with command_errors(as_json), _telling(flow, param or []):
        need_github(github)
        summary = _run(flow, param or [], timeout, poll)
        page = summary.pop("page")
        tell_github(github, summary, report=page)
        raise typer.Exit(_report(summary, as_json))


@contextmanager
def _telling(flow, params):
    """Tell the team when the flow could not be run; whatever was raised is raised all the same."""
    from headgate.errors import HeadgateError

    try:
        yield
    except HeadgateError as error:
        if os.environ.get("HEADGATE_NOTIFY"):
            _tell(flow, params, error)
        raise


def _tell(flow, params, error):
    from headgate.commands.github import run_url
    from headgate.notices import Notice
    from headgate.workspace import Workspace
    from tasks.notifying import announce
    from tasks.scoring import Place

    model, run = dict(one.partition("=")[::2] for one in params).get("model", ""), run_url(os.environ)
    announce(Place(Workspace.from_environment()), Notice(
        "failed", model or f"the flow {flow}", f"The flow {flow} could not be run on the Prefect server.",
        why=str(error), serving="Who serves is for that server to say.", about=flow,
        look=(f"run: {run}",) if run else ()))


def _run(flow, params, timeout, poll):
    from flows.launch.console import progress
    from flows.launch.embedded import QUIET
    from headgate.errors import HeadgateError

    if not os.environ.get("PREFECT_API_URL"):
        raise HeadgateError("There is no Prefect server to start the flow on.", value="PREFECT_API_URL is not set",
                            remedy=f"Set it, or run the flow here: python -m flows.{flow}.")
    os.environ.update({name: value for name, value in QUIET.items() if name not in os.environ})
    for name in ("PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"):     # as a secret that is not set reaches a workflow
        if not os.environ.get(name):
            os.environ.pop(name, None)
    with progress(f"Running {flow} on the server"):
        from flows.launch.elsewhere import run_elsewhere

        return run_elsewhere(flow, params, timeout=timeout, poll=poll)


def _report(summary, as_json):
    from rich.console import Console

    console = Console(stderr=as_json)
    console.print(f"{summary['name']}: {summary['state']}. {summary['sentence']}".rstrip(), markup=False,
                  highlight=False, soft_wrap=True)
    console.print(f"run: {summary['url']}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return summary["exit_code"]
