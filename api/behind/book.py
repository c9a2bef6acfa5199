"""Where the answers leave what is to be done behind them: two queues in memory, and a thread that empties them."""

import logging
import threading
from collections import Counter, deque

import numpy as np

from api.behind.version_counts import VersionCounts

log = logging.getLogger("headgate.api.log")
OVERHEAD = 1000     # bytes that a waiting entry takes beside its body


class Book:
    """Keeps predictions for the log, and what is counted. `keep` and `count` are cheap and never wait.

    spool : takes lists of entries, or None to keep no predictions. limit : bytes that may wait.
    """

    def __init__(self, metrics, spool, *, seconds, limit):
        self.metrics, self.spool, self.seconds, self.limit = metrics, spool, seconds, limit
        self._kept, self._counted, self._weight, self._timers = deque(), deque(), 0, {}
        self._over, self._busy, self._counting = threading.Event(), threading.Lock(), threading.Lock()
        self._thread = threading.Thread(target=self._run, name="book", daemon=True)

    def start(self):
        self._thread.start()

    def keep(self, served, key, at, answer, size):
        """Keep an Answer for the log and for the counts by class. size : bytes of the request."""
        self._kept.append((served, key, at, answer))
        self._weight += size + len(answer.payload) + OVERHEAD

    def count(self, route, status, seconds, served=None):
        """Count a request. served : the version that was asked."""
        self._counted.append((route, status, seconds, served))

    def settle(self):
        """Empty both queues now."""
        self.settle_counts()
        with self._busy:
            self._settle_predictions()

    def settle_counts(self):
        """Bring the metrics up to date."""
        with self._counting:
            self._settle_counts()

    def close(self):
        """Empty the queues for the last time."""
        self._over.set()
        self._thread.join()
        self.settle()

    @property
    def full(self):
        """True when predictions come faster than they can be written anywhere."""
        return self._weight > self.limit

    def _run(self):
        while not self._over.wait(self.seconds):
            try:
                self.settle()
            except Exception:
                log.exception("keeping predictions failed")

    def _settle_counts(self):
        requests, versions = Counter(), VersionCounts()
        for _ in range(len(self._counted)):
            route, status, seconds, served = self._counted.popleft()
            requests[route, status] += 1
            versions.add(route, status, seconds, served)
            if route not in self._timers:
                self._timers[route] = self.metrics.seconds.labels(route)
            self._timers[route].observe(seconds)
        for (route, status), number in requests.items():
            self.metrics.requests.labels(route, str(status)).inc(number)
        versions.settle(self.metrics)

    def _settle_predictions(self):
        taken = [self._kept.popleft() for _ in range(len(self._kept))]
        full, self._weight = self.full, 0
        for name, number in _by_class(taken).items():
            self.metrics.predictions.labels(*name).inc(number)
        if self.spool is None or not taken:
            return
        if full:
            rows = sum(answer.rows for _, _, _, answer in taken)
            self._drop(rows)
            log.error("%d predictions were not logged: they came faster than the disk takes them", rows)
            return
        entries = [entry for entry in map(self._entry, taken) if entry is not None]
        if not entries:
            return
        try:
            self.spool.put(entries)
        except Exception:       # they are counted as lost; the thread goes on for those who come after them
            self._drop(sum(entry["rows"] for entry in entries))
            raise

    def _drop(self, rows):
        self.metrics.log_rows.labels("dropped").inc(rows)

    def _entry(self, one):
        """Return the entry of one answer; one that cannot be made costs no other its place."""
        served, key, at, answer = one
        try:
            return served.entries.one(key, at, answer.inputs, answer.probabilities)
        except Exception as error:
            self._drop(answer.rows)
            log.error("a prediction of %s could not be logged: %s", served.model, type(error).__name__)
            return None


def _by_class(taken):
    found = Counter()
    for served, _, _, answer in taken:
        if isinstance(answer.chosen, int):
            found[served.model, served.version, served.role, served.classes[answer.chosen]] += 1
            continue
        for place, number in enumerate(np.bincount(answer.chosen, minlength=len(served.classes)).tolist()):
            if number:
                found[served.model, served.version, served.role, served.classes[place]] += number
    return found
