"""The command `python -m flows.announce`."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
OUTCOMES = ("", "success", "skipped", "failure", "cancelled")       # "" is a step that was never come to
StepOption = Annotated[list[str] | None, typer.Option(
    metavar="NAME=OUTCOME", help="How a step towards the release of --package ended (repeat the option).")]
BackOption = Annotated[list[str] | None, typer.Option(
    metavar="NAME=OUTCOME", help="How a step ended that was to take it back (repeat the option).")]
EXAMPLES = """
Tell the team what came of work that ran on other machines: data or a candidate that was rejected, a new version, a
model that could not be trained, or was not trained again and why, a release or its rollback. Where people are told is
in HEADGATE_NOTIFY; without it nothing is sent. A channel that fails is logged. What serves is said as the registry
here has it: `python -m headgate state pull` first, or --pull.

Examples:

  python -m flows.announce best                 what `python -m headgate compare --output best` wrote

  python -m flows.announce decided              what `python -m headgate due decisions --output decided` wrote

  python -m flows.announce --package package    what `python -m headgate release package` came to

  python -m flows.announce --package package --step verification=failure --back "champion before=success"

Exit codes: 0 also when a channel failed; 2 could not run.
"""


@app.command(help=EXAMPLES)
def announce(
        folder: Annotated[Path | None, typer.Argument(help="Folder with what `--keep` or `compare` wrote.")] = None,
        package: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A package that was released.")] = None,
        kept: Annotated[str, typer.Option(
            metavar="OUTCOME", help="How the job ended that keeps new versions for the next run: only of those that it "
            "kept is told that they are there.")] = "success",
        expect: Annotated[str, typer.Option(
            metavar="JSON", help="The releases that `waiting` told: told of where the package cannot be "
            "opened.")] = "[]",
        step: StepOption = None, back: BackOption = None,
        pull: Annotated[str | None, typer.Option(
            metavar="COMMIT|newest", help="First do as `python -m headgate state pull --at COMMIT`, where "
            "HEADGATE_NOTIFY says that anybody is told.")] = None,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False):
    from headgate.commands.expect import releases
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        expected, wrong, stuck = releases(expect), _not_right(step), _not_right(back)
        _pull(pull)
        told = {}
        _check("--kept", kept)
        found = [] if folder is None else _of_folder(folder, kept)
        if package is not None:
            found += _of_package(package, expected, wrong=wrong, stuck=stuck)
        for notice in found:
            told.setdefault(notice.model, {}).update(_tell(notice))
        for model, channels in told.items():
            for channel, trouble in channels.items():
                typer.echo(f"{model}: told {channel}" + (f" in vain: {trouble}" if trouble else ""), err=as_json)
        if as_json:
            from flows.launch.run import as_json_line

            sys.stdout.write(as_json_line({"told": told}) + "\n")


def _pull(commit):
    """Bring the state here of which it will be said what serves."""
    if commit is None or not os.environ.get("HEADGATE_NOTIFY"):
        return
    from headgate.state import pull
    from headgate.state.branch import Branch
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    pull(workspace, Branch(workspace.root, token=os.environ.get("GITHUB_TOKEN", "")),
         at="" if commit == "newest" else commit)


def _not_right(steps):
    """Return the names of those that neither succeeded nor were left out."""
    found = [(name, outcome) for name, _, outcome in (one.partition("=") for one in steps or ())]
    for name, outcome in found:
        _check(name, outcome)
    return tuple(f"{name} ({outcome})" for name, outcome in found if outcome in OUTCOMES[-2:])


def _check(name, outcome):
    from headgate.errors import HeadgateError

    if outcome not in OUTCOMES:
        raise HeadgateError(f"How {name!r} ended is not told.", value=outcome or "nothing",
                            limit=", ".join(filter(None, OUTCOMES)), remedy="Write it as NAME=OUTCOME.")


def _of_package(package, expected, *, wrong, stuck):
    from headgate.commands.github import run_url
    from headgate.release import notices
    from headgate.workspace import Workspace

    return notices.of_package(Workspace.from_environment(), package, run=run_url(os.environ), wrong=wrong, stuck=stuck,
                              expected=expected)


def _of_folder(folder, kept):
    from headgate.candidates.kept import sort_results
    from headgate.candidates.missing import Missing, notice_of, read_missing
    from headgate.commands.github import run_url
    from headgate.notices.of_runs import serving_now
    from headgate.release import notices
    from headgate.workspace import Workspace

    workspace, run = Workspace.from_environment(), run_url(os.environ)
    found, broken, refused = sort_results(folder)
    for why in refused:
        typer.echo(why, err=True)
    missing = [*read_missing(folder), *(Missing(model=model, sentence=why) for model, why in broken)]
    told = [notices.of_result(workspace, one.summary, run=run, kept=kept) for one in found]
    return [*(notice for some in told for notice in some),
            *(notice_of(one, serving=serving_now(workspace, one.model), run=run) for one in missing)]


def _tell(notice):
    """Return {channel: None, or what went wrong}."""
    from headgate.workspace import Workspace
    from tasks.notifying import announce as tell
    from tasks.scoring import Place

    return tell(Place(Workspace.from_environment()), notice)
