"""The version before, put back: what a rollout that does not come through leaves behind."""

import signal
import time

import cluster
from cluster import CannotRollOut

STOPS, AGAIN_SECONDS, PATIENCE = (signal.SIGINT, signal.SIGTERM), 2.0, 60.0


def stoppable():
    """Let the first SIGINT or SIGTERM raise KeyboardInterrupt, and those behind it do nothing."""
    for one in STOPS:
        signal.signal(one, _stop)


def take_back(namespace, options, why, *, exit_code, untouched=None):
    """Put the version before back; return outcome and sentence. No second signal keeps it from that.

    exit_code : of a rollout that is back. untouched : the Deployment as it was, where it may still be as it was.
    """
    _hold_on()
    limit = time.monotonic() + min(options.timeout, PATIENCE)
    try:
        seen = _persist(lambda: cluster.deployment(namespace), limit)
        asked = cluster.image_of(seen)
        if asked != options.image or untouched and cluster.template(seen) == cluster.template(untouched):
            return _failed(f"{why} Nothing was changed: the Deployment asks for {asked or 'no image'}.")
        _persist(lambda: _undo(namespace, options.image), limit)
        trouble = cluster.wait(namespace, options.timeout)
    except NoWayBack as error:
        return _failed(f"{why} And there is no way back: {error}")
    except CannotRollOut as error:
        return _failed(f"{why} The version before is not back, as far as can be told: {error}")
    if trouble:
        return _failed(f"{why} The version before is asked for again, and is not ready: {trouble}")
    return {"outcome": "rolled_back", "exit_code": exit_code, "sentence": f"{why} The version before is back."}


def put_back(namespace, options):
    """Put the version before back where the Deployment asks for the image; return outcome and sentence."""
    limit = time.monotonic() + min(options.timeout, PATIENCE)
    asked = cluster.image_of(_persist(lambda: cluster.deployment(namespace), limit))
    if asked != options.image:
        return {"outcome": "unchanged", "sentence": f"The Deployment asks for {asked or 'no image'}, not for "
                                                    f"{options.image}, so there is nothing to put back."}
    return take_back(namespace, options, f"{options.image} is to go.", exit_code=0)


class NoWayBack(CannotRollOut):
    """There is no version before."""


def _undo(namespace, image):
    seen = cluster.deployment(namespace)    # anew: an answer that was lost may have been a yes
    trouble = cluster.undo(namespace, seen) if cluster.image_of(seen) == image else ""
    if trouble:
        raise (NoWayBack if "no rollout history" in trouble else CannotRollOut)(trouble)


def _persist(ask, limit):
    """Return what the cluster answers, asking again until `limit` where it does not."""
    while True:
        try:
            return ask()
        except CannotRollOut as error:
            if isinstance(error, NoWayBack) or time.monotonic() + AGAIN_SECONDS > limit:
                raise
        time.sleep(AGAIN_SECONDS)


def _failed(sentence):
    return {"outcome": "failed", "exit_code": 2, "sentence": sentence}


def _stop(number, frame):
    _hold_on()
    raise KeyboardInterrupt


def _hold_on():
    for one in STOPS:
        signal.signal(one, lambda number, frame: None)      # SIG_IGN complains of a signal that is on its way
