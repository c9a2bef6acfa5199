"""How each version fares: its requests, how long they took, and which went wrong."""

from bisect import bisect_left
from collections import Counter

from api.behind.metrics import SECONDS, observe_many


class VersionCounts:
    """Adds up requests; `settle` brings the metrics up to date at once, for all of them."""

    def __init__(self):
        self._errors, self._seconds, self._buckets = Counter(), Counter(), {}

    def add(self, route, status, seconds, served):
        """Add a request that `served`, a version or None, was asked."""
        if served is None:
            return
        name = served.model, served.version, route
        self._seconds[name] += seconds
        if name not in self._buckets:
            self._buckets[name] = [0] * (len(SECONDS) + 1)
        self._buckets[name][bisect_left(SECONDS, seconds)] += 1
        if status != 200:
            self._errors[(*name, status)] += 1

    def settle(self, metrics):
        """Bring the metrics up to date."""
        for name, counts in self._buckets.items():
            observe_many(metrics.version_seconds.labels(*name), counts, self._seconds[name])
        for (*name, status), number in self._errors.items():
            metrics.version_errors.labels(*name, str(status)).inc(number)
