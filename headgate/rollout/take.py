"""Where a deployment begins: what is to be done with the version that was asked for."""

from dataclasses import dataclass

from headgate.registry import read
from headgate.rollout import choose, record, resume

REFUSED, SERVING, FRESH, PROMOTED, UNDOING = "refused", "serving", "fresh", "promoted", "undoing"


@dataclass(frozen=True)
class Taken:
    """state : refused by its gates; serving already; fresh; promoted or being undone when a run was cut off.

    deployment : what the ledger knows of it; None when refused or serving.
    """

    chosen: choose.Chosen
    state: str
    sentence: str
    deployment: record.Deployment | None = None


def take(workspace, asked):
    """Return the Taken of an Asked.

    Raises VersionNotFound, BundleBroken, DeploymentOpen, RegistryError, StorageError.
    """
    cut_off = resume.unfinished(workspace, asked.model)
    serving = read.champion(workspace, asked.model)
    if cut_off is not None and asked.stage_only:
        raise resume.still_open(cut_off, "to be staged only")
    if cut_off is not None:
        resume.check_same(cut_off, asked.version, serving)
        return _go_on(workspace, cut_off)
    one = choose.find(workspace, asked.model, asked.version)
    chosen = choose.inspect(workspace, one)
    if serving is not None and serving.version == one.version:
        return serves(chosen)
    allowed, sentence = choose.may_deploy(chosen, asked.override)
    if allowed and asked.staged and not resume.was_staged(workspace, chosen, serving):
        allowed, sentence = False, f"No earlier run proved version {one.version} on staging, over the champion that " \
                                   "serves now: what was approved was another one."
    if not allowed:
        record.refuse(workspace, chosen, sentence)
        return Taken(chosen, REFUSED, sentence)
    override = asked.override if chosen.decision != "promote" else ""
    before = None if asked.stage_only else resume.going_on(workspace, chosen, serving, override)
    deployment = before or record.begin(workspace, chosen, serving, override=override, production=asked.production,
                                        staging=asked.staging)
    return Taken(chosen, FRESH, f"{sentence} Bundle {chosen.digest[:12]}.", deployment)


def serves(chosen, since=""):
    """Return the Taken of a version that is the champion already. since : how that came, in words."""
    return Taken(chosen, SERVING, f"Version {chosen.version} of {chosen.model} is the champion already{since}.")


def _go_on(workspace, deployment):
    one = choose.find(workspace, deployment.model, deployment.version)
    undoing = deployment.did(record.UNDOES)
    return Taken(choose.inspect(workspace, one), UNDOING if undoing else PROMOTED,
                 f"An earlier run was cut off after it had promoted version {one.version}; this one "
                 + ("goes on undoing it." if undoing else "goes on with it."), deployment)
