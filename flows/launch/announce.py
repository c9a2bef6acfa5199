"""The command `python -m flows.announce`."""

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
OUTCOMES = ("", "success", "skipped", "failure", "cancelled")       # "" is a step that was never come to
StepOption = Annotated[list[str] | None, typer.Option(
    metavar="NAME=OUTCOME", help="How a step towards the release of --package ended (repeat the option).")]
BackOption = Annotated[list[str] | None, typer.Option(
    metavar="NAME=OUTCOME", help="How a step ended that was to take it back (repeat the option).")]
FLOWS = ("train", "retrain", "validate", "deploy")
EXAMPLES = """
Tell the team what came of work that ran on other machines: data or a candidate that was rejected, a new version, a
model that could not be trained, or was not trained again and why, a release or its rollback. Where people are told is
in HEADGATE_NOTIFY; without it nothing is sent. A channel that fails is logged. What serves is said as the registry
here has it: `python -m headgate state pull` first, or --pull. Where that fails, the team is told all the same, and
that nobody knows what serves.

Examples:

  python -m flows.announce best                 what `python -m headgate compare --output best` wrote

  python -m flows.announce decided              what `python -m headgate due decisions --output decided` wrote

  python -m flows.announce --package package    what `python -m headgate release package` came to

  python -m flows.announce --package package --step verification=failure --back "champion before=success"

  python -m flows.announce --failed train       that no model could be trained: their state could not be read, say

Exit codes: 0 also when a channel failed; 2 could not run, or could not --pull.
"""


@app.command(help=EXAMPLES)
def announce(
        folder: Annotated[Path | None, typer.Argument(help="Folder with what `--keep` or `compare` wrote.")] = None,
        package: Annotated[Path | None, typer.Option(metavar="FOLDER", help="A package that was released.")] = None,
        failed: Annotated[str | None, typer.Option(
            metavar="FLOW", help=f"The flow that could not run: {', '.join(FLOWS)}. With deploy and --expect: that "
            "staging did not prove those releases.")] = None,
        model: Annotated[str | None, typer.Option(help="For --failed: of which model. Left out, of every one.")] = None,
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
        _check("--kept", kept, OUTCOMES)
        _check("--failed", failed, (None, *FLOWS))
        trouble = _pull(pull)
        unknown = "" if trouble is None else f"The state of the models cannot be read: {trouble}"
        found = [] if folder is None else _of_folder(folder, kept)
        if package is not None:
            found += _of_package(package, expected, wrong=wrong, stuck=stuck, unknown=unknown)
        if failed is not None:
            found += _of_failed(failed, model, expected, wrong, unknown)
        told = _tell_all(found, unknown, as_json)
        if as_json:
            from flows.launch.run import as_json_line

            sys.stdout.write(as_json_line({"told": told}) + "\n")
        if trouble is not None:
            raise trouble


def _tell_all(found, unknown, as_json):
    """Return {model: {channel: None, or what went wrong}}. unknown : why what serves cannot be told, or ""."""
    told = {}
    for notice in found:
        sent = _tell(replace(notice, serving=unknown) if unknown else notice)
        told.setdefault(notice.model, {}).update(sent)
    for model, channels in told.items():
        for channel, trouble in channels.items():
            typer.echo(f"{model}: told {channel}" + (f" in vain: {trouble}" if trouble else ""), err=as_json)
    return told


def _pull(commit):
    """Bring the state here of which it will be said what serves; return the error where it cannot be had, or None."""
    if commit is None or not os.environ.get("HEADGATE_NOTIFY"):
        return None
    from headgate.errors import HeadgateError
    from headgate.state import pull
    from headgate.state.branch import Branch
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    try:
        pull(workspace, Branch(workspace.root, token=os.environ.get("GITHUB_TOKEN", "")),
             at="" if commit == "newest" else commit)
    except HeadgateError as error:
        return error
    return None


def _not_right(steps):
    """Return the names of those that neither succeeded nor were left out."""
    found = [(name, outcome) for name, _, outcome in (one.partition("=") for one in steps or ())]
    for name, outcome in found:
        _check(name, outcome, OUTCOMES)
    return tuple(f"{name} ({outcome})" for name, outcome in found if outcome in OUTCOMES[-2:])


def _check(name, value, allowed):
    from headgate.errors import HeadgateError

    if value not in allowed:
        raise HeadgateError(f"What is told of {name!r} is not known here.", value=repr(value),
                            limit=", ".join(filter(None, allowed)), remedy="See: python -m flows.announce --help.")


def _of_package(package, expected, *, wrong, stuck, unknown):
    from headgate.commands.github import run_url
    from headgate.release import notices
    from headgate.workspace import Workspace

    return notices.of_package(Workspace.from_environment(), package, run=run_url(os.environ), wrong=wrong, stuck=stuck,
                              expected=expected, unknown=unknown)


def _of_failed(flow, model, expected, wrong, unknown):
    from headgate.candidates.missing import EVERY, Missing, notice_of
    from headgate.commands.github import run_url
    from headgate.notices.of_runs import all_serving_now, serving_now
    from headgate.release import notices
    from headgate.spec.name import is_folder
    from headgate.workspace import Workspace

    workspace, run = Workspace.from_environment(), run_url(os.environ)
    if model is not None and not is_folder(model):
        raise typer.BadParameter(f"--model {model!r} is no name of a folder under models/")
    if flow == "deploy" and expected:
        return notices.of_unproved(workspace, expected, run=run, wrong=wrong)
    missing = Missing(model=model or EVERY, flow=flow, sentence=unknown or "Its job ended before anything was known.")
    return [notice_of(missing, serving=serving_now(workspace, model) if model else all_serving_now(workspace), run=run)]


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
