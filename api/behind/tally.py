"""Counts requests and predictions: noted behind each answer, added up now and then."""

import threading
from bisect import bisect_left
from collections import Counter, deque

import numpy as np

from api.behind.metrics import SECONDS, observe_many


class Tally:
    """Notes are cheap and never wait; `settle` brings the metrics up to date."""

    def __init__(self, metrics):
        self.metrics = metrics
        self._requests, self._single, self._batches, self._settling = deque(), deque(), deque(), threading.Lock()

    def count(self, route, status, seconds, served=None):
        """Note a request. served : the version that was asked, or None."""
        self._requests.append((route, status, seconds, served))

    def predicted(self, served, chosen):
        """Note what was answered. chosen : position of the class, or array (n,) of them."""
        (self._single if isinstance(chosen, int) else self._batches).append((served, chosen))

    def settle(self):
        """Bring the metrics up to date."""
        with self._settling:
            self._settle_requests()
            for (served, place), number in self._by_class().items():
                self.metrics.predictions.labels(served.model, served.version, served.role,
                                                served.classes[place]).inc(number)

    def _settle_requests(self):
        requests, times = Counter(), {}
        for route, status, took, served in _taken(self._requests):
            version = served and (served.model, served.version, route)
            requests[route, version, status] += 1
            for name in (route, version) if version else (route,):
                if name not in times:
                    times[name] = [0.0, [0] * (len(SECONDS) + 1)]
                times[name][0] += took
                times[name][1][bisect_left(SECONDS, took)] += 1
        for (route, version, status), number in requests.items():
            self.metrics.requests.labels(route, str(status)).inc(number)
            if version and status != 200:
                self.metrics.version_errors.labels(*version, str(status)).inc(number)
        for name, (seconds, counts) in times.items():
            histogram = self.metrics.seconds.labels(name) if isinstance(name, str) else \
                self.metrics.version_seconds.labels(*name)
            observe_many(histogram, counts, seconds)

    def _by_class(self):
        found = Counter(_taken(self._single))
        for served, chosen in _taken(self._batches):
            for place, number in enumerate(np.bincount(chosen, minlength=len(served.classes)).tolist()):
                if number:
                    found[served, place] += number
        return found


def _taken(queue):
    return [queue.popleft() for _ in range(len(queue))]
