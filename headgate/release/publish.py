"""Let the versions of a package serve, by digest, and write it down."""

from headgate import ledger
from headgate.errors import AliasMoved, VersionNotFound
from headgate.registry import aliases, read
from headgate.registry.values import CHAMPION, PREVIOUS
from headgate.release.waiting import RELEASED, released


def release(workspace, package, *, actor=None, run=""):
    """Promote each version that a Package releases; return the Changes.

    run : where to look, kept in the ledger. Done again, it changes nothing. Raises AliasMoved when another champion
    serves than the one the package was made beside, PromotionRefused, VersionNotFound, BundleBroken.
    """
    found = [(one, _find(workspace, one)) for one in package.releases]
    for one, _ in found:
        _check_unmoved(workspace, one)
    changes = [aliases.promote(workspace, one.model, version.version, actor=actor) for one, version in found]
    for one, version in found:
        if one.digest not in released(workspace, one.model):
            ledger.append(workspace, one.model, RELEASED, version=version.version, digest=one.digest, actor=actor,
                          body={"package": package.sha256, "run": run})
    return changes


def undo(workspace, package, *, reason, actor=None):
    """Put the champions before back where a version of the Package serves; return the Changes.

    A version that took nobody's place stays.
    """
    found = []
    for one in package.releases:
        champion, previous = (read.with_alias(workspace, one.model, alias) for alias in (CHAMPION, PREVIOUS))
        if champion is not None and champion.digest == one.digest and one.before and previous is not None \
                and previous.version == one.before:
            found.append(aliases.rollback(workspace, one.model, reason=reason, actor=actor))
    return found


def _find(workspace, one):
    version = read.find_digest(workspace, one.model, one.digest)
    if version is None:
        raise VersionNotFound(f"{one.model!r} has no version with the digest of the package.", value=one.digest[:16],
                              remedy="Pull the state that the package was made of.")
    return version


def _check_unmoved(workspace, one):
    champion = read.champion(workspace, one.model)
    now = champion.version if champion else ""
    if champion is not None and champion.digest != one.digest and now != one.before:
        raise AliasMoved(f"Another champion of {one.model!r} serves than when the package was made.",
                         value=f"version {now}", limit=f"version {one.before or 'none'}",
                         remedy="Nothing was changed. Let staging make a new package.")
