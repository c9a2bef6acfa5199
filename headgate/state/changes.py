"""Which models are meant, and why: those of whose folder, table or code something changed since a commit."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from headgate import ledger
from headgate.errors import HeadgateError
from headgate.spec import find_model, list_models, load_spec
from headgate.state.git import fetch_commit, is_here, run_git
from headgate.training.request import SPEC, named_algorithms

ALL, TRAINED = "all", "trained"
SHARED = ("headgate/", "tasks/", "flows/", "requirements.txt")
NOWHERE, FULL = re.compile("0*"), re.compile("[0-9a-f]{40}")


@dataclass(frozen=True)
class Plan:
    """reasons : model -> why it is meant.  candidates : {"model", "algorithm"} of each training."""

    reasons: dict
    candidates: tuple

    @property
    def models(self):
        return list(self.reasons)


def plan(workspace, *, model="", since="", algorithm="", remote="origin", token=""):
    """Return the Plan.

    model : names separated by commas, or "all" (also when empty) for every one there is; only those that changed are
        meant.
    since : a commit, TRAINED for the commit each model was last trained at (as its ledger says), or "" for no matter
        what changed. A commit that is not to be had counts as one at which everything was different.
    remote, token : where a commit is fetched from that is not here.
    algorithm : one name, SPEC (also when empty) for a training that compares those of the spec, ALL for one training
        for each there is.
    Raises SpecError for names that there are not. A spec that cannot be read is planned like any other: its training
    fails and says why.
    """
    root = workspace.root
    wanted = list_models(root) if model in ("", ALL) else [name.strip() for name in model.split(",")]
    names = [find_model(root, name).name for name in wanted]
    reasons = {name: _why(workspace, name, since, remote, token) for name in names}
    reasons = {name: why for name, why in reasons.items() if why}
    trainings = (SPEC,) if algorithm in ("", SPEC) else named_algorithms([algorithm])
    return Plan(reasons, tuple({"model": name, "algorithm": one} for name in reasons for one in trainings))


def _why(workspace, name, since, remote, token):
    """Return why the model is meant, or "" if nothing of it changed."""
    if not since:
        return "asked for"
    commit = trained_at(workspace, name) if since == TRAINED else since
    if not commit:
        return "never trained yet"
    if not _have(workspace.root, commit, remote, token):
        return f"commit {commit[:12]} is not to be had, so that what changed since cannot be told"
    own = _own(workspace.root, name)
    for path in _changed(workspace.root, commit):
        if path.startswith(own) or path.startswith(SHARED):
            return f"{path} changed"
    return ""


def trained_at(workspace, name):
    """Return the commit of the latest training in the ledger of a model, or ""."""
    for entry in reversed(ledger.entries(workspace, name)):
        commit = entry.to_dict()["body"].get("git_commit")
        if commit:
            return commit.removesuffix("-dirty")
    return ""


def _own(root, name):
    """Return what a changed path begins with if it is the model's: its folder, and its tables in the repository."""
    folder = root / "models" / name
    found = [f"models/{name}/"]
    for source in _sources(folder):
        stated = source.csv or source.parquet
        if stated and "://" not in stated and "${" not in stated:
            path = Path(os.path.normpath(folder / stated))
            if path.is_relative_to(root):
                found.append(path.relative_to(root).as_posix())
    return tuple(found)


def _sources(folder):
    """Return the sources of a spec; none of one that cannot be read, which is told where it is used."""
    try:
        data = load_spec(folder).data
    except HeadgateError:
        return []
    return [data.source, *(rule.source for rule in data.joins)]


def _have(root, commit, remote, token):
    """See to it that a commit is here, fetching it alone where it is not; False when it is not to be had."""
    if NOWHERE.fullmatch(commit):
        return False
    if is_here(root, commit):
        return True
    if not FULL.fullmatch(commit):
        return False
    fetch_commit(root, commit, remote, shallow=True, token=token)
    return is_here(root, commit)


def _changed(root, commit):
    answer = run_git(root, "diff", "--name-only", "--no-renames", "-z", commit, "HEAD", "--")
    if answer.returncode:
        raise HeadgateError("What changed cannot be told.", value=" ".join(answer.stderr.split())[:300],
                            remedy="Is this a git checkout?")
    return [path for path in answer.stdout.split("\0") if path]
