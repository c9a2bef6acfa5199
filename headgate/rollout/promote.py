"""Move the champion for a deployment, and back; never over what somebody else moved in the meantime."""

from headgate.bundle import verify
from headgate.errors import AliasMoved
from headgate.lock import REGISTRY, model_lock
from headgate.registry import aliases, read
from headgate.registry.values import CHAMPION, PREVIOUS


def promote(workspace, deployment):
    """Make the deployment's version champion, or finish what a run before began; return the RegisteredVersion.

    Raises AliasMoved when the champion is neither the one that it was nor the version, PromotionRefused, Busy.
    """
    with model_lock(workspace, deployment.model, purpose=REGISTRY, timeout=aliases.PATIENCE):
        now = champion_number(workspace, deployment.model)
        if now not in (deployment.before, deployment.version):
            raise moved(deployment, deployment.before, now)
        change = aliases.promote(workspace, deployment.model, deployment.version, override=deployment.override or None)
        check_digest(change.champion, deployment)
        return change.champion


def put_back(workspace, deployment, reason):
    """Undo the promotion, or finish undoing it; return the RegisteredVersion that serves again, or None.

    Raises AliasMoved when somebody moved the champion on.
    """
    with model_lock(workspace, deployment.model, purpose=REGISTRY, timeout=aliases.PATIENCE):
        now, back = champion_number(workspace, deployment.model), deployment.before
        previous = read.with_alias(workspace, deployment.model, PREVIOUS)
        half = now == back and previous is not None and previous.version == back
        if now not in (deployment.version, back):
            raise moved(deployment, deployment.version, now)
        if half or now == deployment.version and previous is not None and previous.version == back:
            aliases.rollback(workspace, deployment.model, reason=reason)
        elif now == deployment.version:
            _move_back(workspace, deployment, reason)
        return read.champion(workspace, deployment.model)


def check_unmoved(workspace, deployment):
    """Raise AliasMoved unless the deployment's version is the champion."""
    now = champion_number(workspace, deployment.model)
    if now != deployment.version:
        raise moved(deployment, deployment.version, now)


def champion_number(workspace, model):
    """Return the number of the champion, or ""."""
    found = read.champion(workspace, model)
    return found.version if found else ""


def moved(deployment, expected, now):
    """Return the AliasMoved of a champion that is another than expected."""
    return AliasMoved(f"The champion of {deployment.model!r} was moved while version {deployment.version} was being "
                      "deployed, so nothing more is done.", value=_named(now), limit=_named(expected),
                      remedy=f"See who did it: python -m headgate show {deployment.model}. To deploy it all the same, "
                             "run the same command again.")


def check_digest(one, deployment):
    """Raise AliasMoved when the version is not of the bundle that staging was tested with."""
    if one.digest != deployment.digest:
        raise AliasMoved(f"Version {one.version} of {one.model!r} is another bundle than the one that was tested.",
                         value=one.digest[:16], limit=deployment.digest[:16])


def _move_back(workspace, deployment, reason):
    """Where `previous` is not who served before: nobody did, or somebody moved that alias."""
    model, back = deployment.model, deployment.before
    if back:
        one = read.find_version(workspace, model, back)
        verify(read.bundle_folder(workspace, one), digest=one.digest)
    aliases.move_aliases(workspace, model, {CHAMPION: back or None}, event="rolled back",
                         body={"before": deployment.version, "reason": reason})


def _named(number):
    return f"version {number}" if number else "none"
