"""Which versions wait to be released."""

from headgate import ledger
from headgate.errors import HeadgateError, PromotionRefused
from headgate.registry import read
from headgate.registry.values import CHALLENGER
from headgate.rollout import choose
from headgate.spec import list_models

RELEASED, TAKEN_BACK, ALL = "released", "release taken back", "all"


def find_waiting(workspace, *, model=ALL, version=CHALLENGER):
    """Return a Chosen for each version to be released.

    Of `all` models, but for those of `without_folder`: the challengers, and champions that were never released, or
    whose release was taken back. Of one model: the version of that number, alias or beginning of a digest; that model
    may be left out where there is but one. Raises VersionNotFound, BundleBroken, HeadgateError for a version of nobody
    knows which model, and PromotionRefused for a version that was asked for by name and did not pass every gate.
    """
    if model == ALL and version != CHALLENGER:
        model = only_model(read.list_names(workspace), version)
    if model != ALL:
        return (_allowed(choose.inspect(workspace, choose.find(workspace, model, version))),)
    gone = without_folder(workspace)
    found = [_waiting(workspace, name) for name in read.list_names(workspace) if name not in gone]
    return tuple(choose.inspect(workspace, one) for one in found if one is not None)


def without_folder(workspace):
    """Return the models of which a version waits and whose folder was deleted, where the team has any folder."""
    known = list_models(workspace.root)
    return [name for name in read.list_names(workspace) if known and name not in known and _waiting(workspace, name)]


def _waiting(workspace, name):
    waiting = read.with_alias(workspace, name, CHALLENGER)
    if waiting is not None:
        return waiting
    champion = read.champion(workspace, name)
    if champion is None or champion.digest in released(workspace, name):
        return None
    return champion


def only_model(names, version):
    """Return the one model that there is; raise HeadgateError where `version` might be that of several, or of none."""
    if len(names) == 1:
        return names[0]
    raise HeadgateError(f"{version!r} is a version of one model, and it is not said of which.",
                        value=f"models {', '.join(names)}" if names else "no model at all",
                        remedy="Name one with --model.")


def released(workspace, model):
    """Return the digests of the bundles that were released, without those whose release was taken back since."""
    return {digest for digest, entry in last_words(workspace, model).items() if entry.event == RELEASED}


def last_words(workspace, model):
    """Return digest -> the newest entry of the ledger that says that it was released, or that this was taken back."""
    return {entry.digest: entry for entry in ledger.entries(workspace, model) if entry.event in (RELEASED, TAKEN_BACK)}


def said_of(entry, event, package):
    """True when the entry (or None) says this event of this very package."""
    return entry is not None and entry.event == event and entry.to_dict()["body"].get("package") == package.sha256


def _allowed(chosen):
    allowed, sentence = choose.may_deploy(chosen, "")
    if not allowed:
        raise PromotionRefused(sentence)
    return chosen
