"""Prometheus metrics of one process, or of all workers together."""

import os
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

SECONDS = (.00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10)
SHARED = "PROMETHEUS_MULTIPROC_DIR"


@dataclass(frozen=True)
class Metrics:
    """Every metric there is; `text` is what GET /metrics answers."""

    registry: CollectorRegistry
    requests: Counter
    seconds: Histogram
    version_seconds: Histogram
    version_errors: Counter
    predictions: Counter
    versions: Gauge
    swaps: Counter
    log_rows: Counter
    log_waiting: Gauge
    log_spooled: Gauge
    feedback: Counter
    unmatched: Gauge

    def text(self):
        """Return the metrics in Prometheus' text format, those of all workers."""
        if not os.environ.get(SHARED):
            return generate_latest(self.registry)
        everyone = CollectorRegistry()
        MultiProcessCollector(everyone)
        return generate_latest(everyone)

    def serve_only(self, served):
        """Show which versions serve now."""
        if not os.environ.get(SHARED):
            self.versions.clear()
        else:
            for labels in list(self.versions._metrics):
                self.versions.labels(*labels).set(0)
        for one in served.values():
            self.versions.labels(one.model, one.version, one.role, one.digest).set(1)


def make_metrics():
    """Return fresh Metrics on a registry of their own."""
    registry = CollectorRegistry()
    common = {"registry": registry, "namespace": "headgate"}
    return Metrics(
        registry,
        Counter("requests", "Requests answered.", ["route", "status"], **common),
        Histogram("request_seconds", "Seconds from the head of a request to the end of its answer.", ["route"],
                  buckets=SECONDS, **common),
        Histogram("version_seconds", "Seconds of requests that a version was asked, whatever the answer.",
                  ["model", "version", "route"], buckets=SECONDS, **common),
        Counter("version_errors", "Requests that a version was asked and that got another answer than 200.",
                ["model", "version", "route", "status"], **common),
        Counter("predictions", "Rows predicted.", ["model", "version", "role", "prediction"], **common),
        Gauge("model_serving", "1 for a version that serves.", ["model", "version", "role", "digest"],
              multiprocess_mode="livemin", **common),
        Counter("model_swaps", "Attempts to take a version: loaded, swapped or refused.", ["model", "result"],
                **common),
        Counter("log_rows", "Rows of the prediction log: written to the database, or dropped.", ["result"], **common),
        Gauge("log_waiting_rows", "Rows of the prediction log that wait for the database.",
              multiprocess_mode="livesum", **common),
        Gauge("log_spool_bytes", "Size of the files in which predictions wait for the database.",
              multiprocess_mode="livemax", **common),
        Counter("feedback", "True labels: stored, known already, in conflict, or unavailable.", ["model", "result"],
                **common),
        Gauge("feedback_without_prediction", "Labels, a minute to a week old, whose prediction is not in the log.",
              multiprocess_mode="livemax", **common))


def observe_many(histogram, counts, seconds):
    """Add many observations at once, which the library has no word for: it takes them one by one, at 2 microseconds.

    counts : how many fell into each bucket of SECONDS, and how many above. seconds : their sum.
    """
    histogram._sum.inc(seconds)
    for bucket, number in zip(histogram._buckets, counts, strict=True):
        if number:
            bucket.inc(number)


def forget_dead():
    """Take workers that have ended out of the gauges."""
    folder = os.environ.get(SHARED)
    for path in Path(folder).glob("gauge_live*.db") if folder else ():
        pid = int(path.stem.rsplit("_", 1)[1])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)
        except PermissionError:
            pass
