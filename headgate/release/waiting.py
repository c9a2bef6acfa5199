"""Which versions wait to be released."""

from headgate import ledger
from headgate.errors import PromotionRefused
from headgate.registry import read
from headgate.registry.values import CHALLENGER
from headgate.rollout import choose

RELEASED, ALL = "released", "all"


def find_waiting(workspace, *, model=ALL, version=CHALLENGER):
    """Return a Chosen for each version to be released.

    Of `all` models: the challengers, and champions that were never released. Of one model: the version of that
    number, alias or beginning of a digest. Raises VersionNotFound, BundleBroken, and PromotionRefused for a version
    that was asked for by name and did not pass every gate.
    """
    if model != ALL:
        return (_allowed(choose.inspect(workspace, choose.find(workspace, model, version))),)
    found = [_waiting(workspace, name) for name in read.list_names(workspace)]
    return tuple(choose.inspect(workspace, one) for one in found if one is not None)


def _waiting(workspace, name):
    waiting = read.with_alias(workspace, name, CHALLENGER)
    if waiting is not None:
        return waiting
    champion = read.champion(workspace, name)
    if champion is None or champion.digest in released(workspace, name):
        return None
    return champion


def released(workspace, model):
    """Return the digests of the bundles that were released."""
    return {entry.digest for entry in ledger.entries(workspace, model) if entry.event == RELEASED}


def _allowed(chosen):
    allowed, sentence = choose.may_deploy(chosen, "")
    if not allowed:
        raise PromotionRefused(sentence)
    return chosen
