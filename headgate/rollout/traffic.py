"""What a service counted of a version: requests, errors and latency by route, read from its /metrics."""

import math
import re
from dataclasses import asdict, dataclass

from headgate.errors import NotServing
from headgate.rollout.smoke import asked

ROUTES = ("predict", "predict_batch")
PREDICTIONS = "headgate_predictions_total"
SECONDS, ERRORS = "headgate_version_seconds", "headgate_version_errors_total"
LINE = re.compile(r"^(\w+)\{(.*)\} (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True)
class Traffic:
    """Of one route.

    errors : requests answered with 422 or 5xx. seconds : of all requests together.
    buckets : pairs (upper edge in seconds, requests up to it), cumulative, the last edge infinite.
    """

    requests: int = 0
    errors: int = 0
    seconds: float = 0.0
    buckets: tuple = ()

    @property
    def mean(self):
        """Seconds, or nan without requests."""
        return self.seconds / self.requests if self.requests else math.nan

    @property
    def share(self):
        """Of errors, or nan without requests."""
        return self.errors / self.requests if self.requests else math.nan

    def quantile(self, level):
        """Return the latency that a share `level` of requests kept, interpolated within its bucket; nan without any.

        Source: histogram_quantile of Prometheus.
        """
        if not self.requests or not self.buckets:
            return math.nan
        rank, low, below = level * self.requests, 0.0, 0
        for edge, count in self.buckets:
            if count >= rank:
                return low if math.isinf(edge) else low + (edge - low) * (rank - below) / max(count - below, 1)
            low, below = edge, count
        return low

    def plus(self, other):
        """Return both together."""
        return Traffic(self.requests + other.requests, self.errors + other.errors, self.seconds + other.seconds,
                       _combined(self.buckets, other.buckets, 1))

    def since(self, before):
        """Return what came after `before`; all of it when the service was started again in between."""
        if self.requests < before.requests or self.errors < before.errors:
            return self
        return Traffic(self.requests - before.requests, self.errors - before.errors,
                       max(0.0, self.seconds - before.seconds), _combined(self.buckets, before.buckets, -1))

    def to_dict(self):
        """Return it as JSON can hold it."""
        return {**asdict(self), "buckets": [[None if math.isinf(edge) else edge, count]
                                            for edge, count in self.buckets]}

    @classmethod
    def from_dict(cls, document):
        """Return the Traffic of `to_dict`."""
        buckets = tuple((math.inf if edge is None else edge, count) for edge, count in document["buckets"])
        return cls(**{**document, "buckets": buckets})


def ask_traffic(service, model, version):
    """Return {route: Traffic} of a version since the service was started; raise ServiceAway, NotServing."""
    return read_traffic(asked(service.get("/metrics"), "/metrics").text, model, version)


def read_traffic(text, model, version):
    """Return {route: Traffic} from Prometheus' text format.

    Raises NotServing when the service does not count by version. One with several workers that nobody has asked
    anything yet says nothing of either.
    """
    if f"# TYPE {SECONDS} " not in text and f"\n{PREDICTIONS}{{" in text:
        raise NotServing("/metrics does not count requests by version.", limit=SECONDS,
                         remedy="Is it an older Headgate? Update the service, or deploy without --production-url.")
    found = {route: {"buckets": {}, "requests": 0, "errors": 0, "seconds": 0.0} for route in ROUTES}
    for line in text.splitlines():
        match = LINE.match(line) if line.startswith("headgate_version_") else None
        labels = dict(LABEL.findall(match[2])) if match else {}
        if (labels.get("model"), labels.get("version")) == (model, version) and labels.get("route") in found:
            _add(found[labels["route"]], match[1], labels, float(match[3]))
    return {route: Traffic(one["requests"], one["errors"], one["seconds"], tuple(sorted(one["buckets"].items())))
            for route, one in found.items()}


def together(found):
    """Return {route: Traffic} of several services together."""
    total = {route: Traffic() for route in ROUTES}
    for one in found:
        total = {route: total[route].plus(one[route]) for route in ROUTES}
    return total


def difference(now, before):
    """Return {route: Traffic} of what came after `before`."""
    return {route: now[route].since(before[route]) for route in ROUTES}


def _add(into, name, labels, value):
    if name == f"{SECONDS}_bucket":
        into["buckets"][float(labels["le"])] = int(value)
    elif name == f"{SECONDS}_count":
        into["requests"] = int(value)
    elif name == f"{SECONDS}_sum":
        into["seconds"] = value
    elif name == ERRORS and (labels["status"] == "422" or labels["status"].startswith("5")):
        into["errors"] += int(value)


def _combined(one, other, sign):
    if not one or not other:
        return one or (other if sign > 0 else ())
    later = dict(other)
    return tuple((edge, count + sign * later.get(edge, 0)) for edge, count in one)
