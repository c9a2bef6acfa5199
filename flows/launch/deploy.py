"""The command `python -m flows.deploy`."""

from typing import Annotated

import typer

from flows.launch.github import GithubOption, need_github, tell_github

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Deploy a version: prove it on staging over HTTP, have it approved, promote it, verify that production serves the same
bundle, watch errors and latency, and roll back if they rise. A run that was cut off is finished or undone by the next.

Examples:

  python -m flows.deploy --model flights                   the challenger; asks before it promotes

  python -m flows.deploy --version 4 --approve             for scripts, or behind an environment of GitHub

  python -m flows.deploy --version f8cdfa6365ae --production-url http://127.0.0.1:8000 --watch-seconds 600

  python -m flows.deploy --stage-only                      prove it on staging; then, when somebody has looked:
  python -m flows.deploy --staged --approve                the one that was proved, or none

  python -m flows.deploy --version 4 --override "the floor was set for another airport"

Exit codes: 0 deployed, staged, or champion already; 1 refused by its gates, failed on staging, not approved or rolled
back; 2 could not run, also: another deployment runs, or somebody else moved the champion meanwhile.
"""


@app.command(help=EXAMPLES)
def deploy(
        model: Annotated[str, typer.Option(help="Name in the registry.")] = "flights",
        version: Annotated[str, typer.Option(
            metavar="N|ALIAS|DIGEST", help="Number, alias, or beginning of a bundle's digest.")] = "challenger",
        approve: Annotated[bool, typer.Option("--approve", help="It is approved already.")] = False,
        approval_timeout: Annotated[float, typer.Option(
            metavar="SECONDS", help="How long to wait for an approval; then the answer is no.")] = 3600,
        staging_url: Annotated[str | None, typer.Option(
            metavar="URL", help="A service that follows the alias staging (also: HEADGATE_STAGING_URL); one is "
            "started if left out.")] = None,
        production_url: Annotated[str | None, typer.Option(
            metavar="URL", help="Services of production, separated by spaces (also: HEADGATE_PRODUCTION_URL).")] = None,
        watch_seconds: Annotated[float | None, typer.Option(
            metavar="SECONDS", help="How long production is watched; rollout.watch_seconds of model.yaml if left "
            "out.")] = None,
        patience: Annotated[float, typer.Option(
            metavar="SECONDS", help="How long staging and production may take to serve the version.")] = 60,
        override: Annotated[str | None, typer.Option(
            metavar="REASON", help="Deploy although a gate did not pass; the ledger keeps the reason.")] = None,
        stage_only: Annotated[bool, typer.Option("--stage-only", help="End when staging has proved it.")] = False,
        staged: Annotated[bool, typer.Option(
            "--staged", help="Take only what an earlier run with --stage-only proved.")] = False,
        github: GithubOption = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        need_github(github)
        summary = _run(model, version, approve=approve, approval_timeout=approval_timeout, staging_url=staging_url,
                       production_url=production_url, watch_seconds=watch_seconds, patience=patience,
                       override=override, stage_only=stage_only, staged=staged)
        raise typer.Exit(_report(summary, as_json, github))


def _run(model, version, **options):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.registry.connection import knock
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    knock(workspace)
    _tell_early(workspace, model, version, options)
    with disk_errors(workspace.home), progress(f"Deploying {model}") as lines, _asking(lines), \
            prefect_api(workspace.home) as ready:
        from flows.deploy import deploy_version

        ready()
        return run_flow(deploy_version, model=model, version=version, **options)


def _tell_early(workspace, model, version, options):
    """Tell what is wrong with the options, or a version that does not exist, before the API has started."""
    from headgate.rollout import resume
    from headgate.rollout.ask import ask
    from headgate.rollout.choose import find

    ask(model, version, **options)
    if resume.record.last_deployment(workspace, model) is None:
        find(workspace, model, version)


def _asking(lines):
    """Ask at the terminal where no Prefect server could; say how to approve where there is no terminal either."""
    import contextlib
    import os

    if os.environ.get("PREFECT_API_URL"):
        return contextlib.nullcontext()
    from flows.launch.asking import ask_at_terminal
    from headgate.rollout.approval import asked_here

    return asked_here(lambda *asked: ask_at_terminal(lines, *asked))


def _report(summary, as_json, github):
    from flows.launch.show import show_deployment
    from headgate.rollout.outcome import markdown_of

    tell_github(github, summary, report=markdown_of(summary))
    return show_deployment(summary, as_json)
