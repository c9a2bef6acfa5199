"""Let the versions of a package serve, by digest, and write it down."""

from headgate import ledger
from headgate.errors import AliasMoved, VersionNotFound
from headgate.ledger.bearers import bearers_of
from headgate.registry import aliases, read
from headgate.registry.aliases import Change
from headgate.registry.values import CHALLENGER, CHAMPION, PREVIOUS
from headgate.release.waiting import RELEASED, TAKEN_BACK, last_words, said_of


def release(workspace, package, *, actor=None, run=""):
    """Promote each version that a Package releases; return the Changes.

    run : where to look, kept in the ledger. Done again, it changes nothing. Raises AliasMoved when another champion
    of any model in the package serves than when it was made, PromotionRefused, VersionNotFound, BundleBroken.
    """
    found = [(one, _find(workspace, one)) for one in package.releases]
    for one, _ in found:
        _check_unmoved(workspace, one)
    for model in sorted({*package.serves} - {one.model for one in package.releases}):
        _check_beside(workspace, model, package.serves[model])
    changes = [aliases.promote(workspace, one.model, version.version, actor=actor) for one, version in found]
    for one, version in found:
        if not said_of(last_words(workspace, one.model).get(one.digest), RELEASED, package):
            ledger.append(workspace, one.model, RELEASED, version=version.version, digest=one.digest, actor=actor,
                          body={"package": package.sha256, "run": run})
    return changes


def undo(workspace, package, *, reason, actor=None, run=""):
    """Take back the releases of a Package whose versions serve; return the Changes.

    The champions before are put back. A version that took nobody's place stays champion (`changed` is False) and
    counts as not released. What the package never released stays as it is. Done again, it changes nothing.
    """
    found = []
    for one in package.releases:
        champion, previous = (read.with_alias(workspace, one.model, alias) for alias in (CHAMPION, PREVIOUS))
        if _half_undone(workspace, one, champion):
            found.append(aliases.rollback(workspace, one.model, reason=reason, actor=actor))
            continue
        if champion is None or champion.digest != one.digest:
            continue
        stood = said_of(last_words(workspace, one.model).get(one.digest), RELEASED, package)
        if stood:
            ledger.append(workspace, one.model, TAKEN_BACK, version=champion.version, digest=one.digest, actor=actor,
                          body={"package": package.sha256, "reason": reason, "run": run})
        if one.before and previous is not None and previous.version == one.before:
            found.append(aliases.rollback(workspace, one.model, reason=reason, actor=actor))
        elif stood:
            found.append(Change(champion, "", False))
    return found


def _half_undone(workspace, one, champion):
    """True when the champion before is back, and the ledger does not know: taking the release back was cut off."""
    told = bearers_of(ledger.entries(workspace, one.model))
    return champion is not None and champion.version == one.before and told.get(CHAMPION) == one.version


def waits_instead(workspace, model):
    """Say in a sentence which version waits."""
    waiting = read.with_alias(workspace, model, CHALLENGER)
    return f"Version {waiting.version} waits in its place." if waiting else "No version waits in its place."


def why_gone(workspace, one):
    """Say in a sentence what became of a version of a package that is not in the registry any more."""
    if any(entry.digest == one.digest for entry in ledger.entries(workspace, one.model)):
        return f"It was superseded since the package was made. {waits_instead(workspace, one.model)}"
    return "The ledger does not know it either: the state of the models is that of a time before it was registered."


def _find(workspace, one):
    version = read.find_digest(workspace, one.model, one.digest)
    if version is None:
        raise VersionNotFound(
            f"Version {one.version} of {one.model!r} is not in the registry any more, so it is not released. "
            f"{why_gone(workspace, one)}",
            value=f"digest {one.digest[:16]}", remedy="Deploy again, and staging makes a package of what waits now.")
    return version


def _check_beside(workspace, model, digest):
    """The package brings the champions of all other models along, so they must be what serves."""
    champion = read.champion(workspace, model)
    if champion is None or champion.digest != digest:
        raise AliasMoved(
            f"Another champion of {model!r} serves than when the package was made, and it holds that one, too.",
            value=f"version {champion.version} ({champion.digest[:16]})" if champion else "no champion",
            limit=f"digest {digest[:16]}", remedy="Nothing was changed. Let staging make a new package.")


def _check_unmoved(workspace, one):
    champion = read.champion(workspace, one.model)
    now = champion.version if champion else ""
    if champion is not None and champion.digest != one.digest and now != one.before:
        raise AliasMoved(f"Another champion of {one.model!r} serves than when the package was made.",
                         value=f"version {now}", limit=f"version {one.before or 'none'}",
                         remedy="Nothing was changed. Let staging make a new package.")
