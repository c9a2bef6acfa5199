"""`state pull` and `state push`: who serves, the bundles behind it and the ledger, carried between empty machines."""

import os
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.state.branch import BRANCH, REMOTE, Branch
from headgate.workspace import Workspace

state = typer.Typer(no_args_is_help=True, help="Carry champions, their bundles and the ledger between empty machines, "
                    "on a branch of the repository.\n\nNot needed where the registry is a server.")
ModelOption = Annotated[list[str] | None, typer.Option("--model", help="Only this one (repeat the option).")]
BranchOption = Annotated[str, typer.Option(help="The branch that carries the state.")]
RemoteOption = Annotated[str, typer.Option(help="Name or URL of the remote. For https, GITHUB_TOKEN is used if set.")]


@state.command("pull")
def pull(model: ModelOption = None,
         at: Annotated[str, typer.Option(metavar="COMMIT", help="Take this commit of the branch; `none` for a branch "
                                         "that did not exist. The newest by default.")] = "",
         branch: BranchOption = BRANCH, remote: RemoteOption = REMOTE, json_output: JsonOption = False,
         github: GithubOption = False):
    """Make the registry and the ledger of an empty place as the branch has them.

    Every bundle is verified by its digest and its golden rows, every ledger by its chain, and who is champion and was
    before by what the ledger tells; what does not fit ends it with exit code 2. Where the branch, or a model on it, is
    not there yet, there is nothing to do.

    Examples:

        python -m headgate state pull

        HEADGATE_HOME=/tmp/look python -m headgate state pull --model flights
    """
    with command_errors(json_output):
        from headgate.state import pull as pull_state

        need_github(github)
        workspace = Workspace.from_environment()
        found = pull_state(workspace, _branch(workspace, branch, remote), at=at, models=model)
        facts = {one.model: {kept.aliases[0]: kept.digest for kept in one.kept if kept.aliases} for one in found.models}
        absent = sorted({*(model or ())} - {*facts})
        document = {"outcome": "pulled" if found.models else "empty", "commit": found.commit, "models": facts,
                    "absent": absent}
        tell_github(github, document, report=" ")
        finish(json_output, document, "\n".join([*_pulled(found, branch), *_absent(found, branch, absent)]))


@state.command("push")
def push(model: ModelOption = None,
         message: Annotated[str, typer.Option(help="Of the commit on the branch.")] = "State of the models",
         alone: Annotated[bool, typer.Option("--alone", help="Refuse also when the state of any other model "
                                             "changed.")] = False,
         branch: BranchOption = BRANCH, remote: RemoteOption = REMOTE, json_output: JsonOption = False):
    """Write who serves, the bundles behind it and the ledger to the branch, for the next machine.

    Refuses (exit 2) when somebody else changed the state of one of these models since it was pulled, or when there is
    nothing of one that was named.

    Examples:

        python -m headgate state push --model flights
    """
    with command_errors(json_output):
        from headgate import ledger
        from headgate.state import push as push_state

        workspace = Workspace.from_environment()
        names = model or list(ledger.models(workspace))
        commit = push_state(workspace, _branch(workspace, branch, remote), names, message=message,
                            alone=alone)
        finish(json_output, {"commit": commit, "models": names}, f"{branch} is at {commit[:12]}.")


@state.command("drop")
def drop(model: Annotated[str, typer.Argument(help="The model that is not to be carried any more.")],
         branch: BranchOption = BRANCH, remote: RemoteOption = REMOTE, json_output: JsonOption = False):
    """Take a model off the branch: nothing of it is released or served from there any more.

    Its bundles and its ledger stay in the history of the branch.

    Examples:

        python -m headgate state drop penguins
    """
    with command_errors(json_output):
        from headgate.state import drop as drop_state

        workspace = Workspace.from_environment()
        before, commit = drop_state(workspace, _branch(workspace, branch, remote), model)
        finish(json_output, {"commit": commit, "before": before, "model": model},
               f"{branch} is at {commit[:12]}, without {model}. What there was of it is in commit {before[:12]}.")


def _branch(workspace, name, remote):
    return Branch(workspace.root, remote, name, os.environ.get("GITHUB_TOKEN", ""))


def _pulled(found, branch):
    if not found.there:
        return [f"There is no state on {branch} yet."]
    lines = [f"From {branch} at {found.commit[:12]}:"] if found.models else []
    for one in found.models:
        bearers = [f"version {kept.version} ({', '.join(kept.aliases)}, digest {kept.digest[:12]})"
                   for kept in one.kept]
        lines.append(f"  {one.model}: {'; '.join(bearers) or 'no version'}; {len(one.entries)} entries in its ledger")
    return lines


def _absent(found, branch, absent):
    if not absent or not found.there:
        return []
    return [f"There is no state of {', '.join(absent)} on {branch} yet; there is of {', '.join(found.there)}."]
