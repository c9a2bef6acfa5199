"""What somebody did at a command line: a promotion, a rollback. Flows tell of their own."""

import logging
from uuid import uuid4

from headgate.errors import SpecError
from headgate.ledger.actor import current_actor
from headgate.notices.channels import find_channels
from headgate.notices.notice import Notice
from headgate.notices.tell import tell
from headgate.spec import find_model, load_spec

log = logging.getLogger("headgate.notices")


def tell_promotion(workspace, change, *, override=None):
    """Tell of a Change by `promote`; returns {channel: None, or what went wrong}, and never raises."""
    now = change.champion
    why = f"although a gate did not pass: {override.strip()}" if override and now.decision != "promote" else ""
    return _tell(workspace, "deployed", change, f"Version {now.version} was promoted by hand.", why)


def tell_rollback(workspace, change, *, reason=""):
    """Tell of a Change by `rollback`; returns {channel: None, or what went wrong}, and never raises."""
    now, before = change.champion.version, change.before
    place = f" in place of version {before}" if before != now else ""       # the rest of a rollback that was cut off
    return _tell(workspace, "rolled_back", change, f"Version {now} was put back by hand{place}.", reason)


def notify_of(workspace, model):
    """Return who is told about a model by its folder; None where it has none."""
    try:
        return load_spec(find_model(workspace.root, model)).notify
    except SpecError:
        return None


def _tell(workspace, kind, change, what, why):
    now = change.champion
    try:
        notify = notify_of(workspace, now.model)
        channels = find_channels(notify)
        notice = Notice(kind, now.model, what, why=f"By {current_actor()}{f': {why}' if why else ''}.",
                        serving=f"Version {now.version} is champion.", about=f"by hand {now.version} {uuid4().hex}",
                        look=(f"its story: python -m headgate why {now.model} --version {now.version}",))
        outcome = tell(workspace, notice, channels, notify=notify) if channels else {}
    except Exception:       # the aliases have moved, whoever is told of it
        log.warning("could not tell anybody that %s", what, exc_info=True)
        return {}
    for name, trouble in outcome.items():
        if trouble is not None:
            log.warning("could not tell %s of it: %s", name, trouble)
    return outcome
