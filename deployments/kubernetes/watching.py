"""A rollout that is watched for a while: do its pods stay, stay ready, and answer without errors?"""

import time

import cluster

LOOK_SECONDS, LOOKS = 5.0, 4     # between two looks; so many at least


class NotRight(Exception):
    """What the new pods do is not what they should."""


class Counts:
    """What the pods of a rollout have counted since it began to be watched."""

    def __init__(self, pods):
        self._first, self._last, self._unread = {}, {}, set(pods)

    def look(self, namespace, pods):
        """Ask every pod; one that does not tell at the moment has what it told last."""
        for pod in pods:
            found = cluster.requests(namespace, pod)
            if found is not None:
                # a pod that was not there when the watch began counts from nothing on
                self._first.setdefault(pod, found if pod in self._unread else (0, 0))
                self._last[pod] = found

    def since(self, pods):
        """Return (requests, those that ended with 5xx) of the pods."""
        known = [pod for pod in pods if pod in self._last]
        return tuple(sum(self._last[pod][place] - self._first[pod][place] for pod in known) for place in (0, 1))

    def unknown(self, pods):
        """Return the pods that never told."""
        return [pod for pod in pods if pod not in self._last]


def watch(namespace, image, *, seconds, errors):
    """Return a sentence when all was right for so many seconds; raise NotRight otherwise.

    errors : share of 5xx that is too many. A pod may be unready at one look, not at two in a row.
    """
    began = cluster.pods(namespace, image)
    counts, unready, proved = Counts(began), {}, set(began)
    counts.look(namespace, began)
    until, pace = time.monotonic() + seconds, min(LOOK_SECONDS, seconds / LOOKS)
    while True:
        now = _pods(namespace, image, began)
        unready = _unready(namespace, now, unready, proved)
        counts.look(namespace, now)
        total, wrong = counts.since(now)
        if wrong > errors * total:
            raise NotRight(f"{wrong:g} of {total:g} requests ended with 5xx; {errors:.1%} are allowed.")
        left = until - time.monotonic()
        if left <= 0 and not unready:
            break
        time.sleep(min(pace, left) if left > 0 else pace)
    if counts.unknown(now):
        raise NotRight(f"{', '.join(counts.unknown(now))} never told its figures (/metrics), so nobody can say how "
                       "it went.")
    return f"{wrong:g} of {total:g} requests ended with 5xx in {seconds:g} s."


def _pods(namespace, image, began):
    now = cluster.pods(namespace, image)
    if not now:
        raise NotRight(f"No pod runs {image} any more.")
    restarted = [pod for pod, times in now.items() if times > began.setdefault(pod, times)]
    if restarted:
        raise NotRight(f"{', '.join(restarted)} started again.")
    return now


def _unready(namespace, pods, before, proved):
    """Return pod -> why of those that are ready no more; raise NotRight for one that was not before, either.

    proved : pods that have been ready, to which those that are now are added: others may still start.
    """
    told = {pod: cluster.ready(namespace, pod) for pod in pods}
    proved |= {pod for pod, (ready, _) in told.items() if ready}
    found = {pod: answer.get("why") or "it says no more" for pod, (ready, answer) in told.items()
             if not ready and pod in proved}
    twice = [f"{pod} ({why})" for pod, why in found.items() if pod in before]
    if twice:
        raise NotRight(f"{', '.join(twice)} is not ready any more.")
    return found
