"""Counts requests and predictions: added up behind each answer, told to the metrics now and then.

Sums only grow, and whoever tells them says by how much since the last time: so the event loop adds without waiting for
the thread that tells.
"""

import threading
from bisect import bisect_left

import numpy as np

from api.behind.metrics import SECONDS, observe_many

NOTHING = [0.0] * (len(SECONDS) + 2)


class Tally:
    """`count` and `predicted` are for the event loop; `settle`, for any thread, brings the metrics up to date."""

    def __init__(self, metrics):
        self.metrics, self._settling = metrics, threading.Lock()
        self._requests, self._told = {}, {}             # (route, status, version): seconds, then numbers by bucket
        self._predictions, self._predictions_told = {}, {}

    def count(self, route, status, seconds, served=None):
        """Count a request. served : the version that was asked, or None."""
        key = route, status, served and served.named
        sums = self._requests.get(key)
        if sums is None:
            sums = self._requests[key] = NOTHING.copy()
        sums[0] += seconds
        sums[bisect_left(SECONDS, seconds) + 1] += 1

    def predicted(self, served, chosen):
        """Count what was answered. chosen : position of the class, or array (n,) of them."""
        if isinstance(chosen, int):
            self._add(served, chosen, 1)
        else:
            for place, number in enumerate(np.bincount(chosen).tolist()):
                self._add(served, place, number)

    def _add(self, served, place, number):
        key = served.named, served.classes[place]
        self._predictions[key] = self._predictions.get(key, 0) + number

    def settle(self):
        """Bring the metrics up to date."""
        with self._settling:
            for key, sums in list(self._requests.items()):
                self._tell(*key, sums.copy())
            for (named, prediction), number in list(self._predictions.items()):
                more = number - self._predictions_told.get((named, prediction), 0)
                if more:
                    self._predictions_told[named, prediction] = number
                    self.metrics.predictions.labels(*named, prediction).inc(more)

    def _tell(self, route, status, named, sums):
        before = self._told.get((route, status, named), NOTHING)
        seconds, *counts = (now - then for now, then in zip(sums, before))
        number = sum(counts)
        if not number:
            return
        self._told[route, status, named] = sums
        self.metrics.requests.labels(route, str(status)).inc(number)
        observe_many(self.metrics.seconds.labels(route), counts, seconds)
        if named:
            version = (*named[:2], route)
            observe_many(self.metrics.version_seconds.labels(*version), counts, seconds)
            if status != 200:
                self.metrics.version_errors.labels(*version, str(status)).inc(number)
