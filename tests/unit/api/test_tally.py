"""What is counted behind the answers arrives in the metrics: all of it, and each only once."""

import threading

import numpy as np
import pytest

from api.behind.metrics import make_metrics
from api.behind.tally import Tally


class Served:
    named, classes = ("kettle", "7", "champion"), ("cold", "hot", "boiling")


def value(metrics, name, **labels):
    return metrics.registry.get_sample_value(f"headgate_{name}", labels)


@pytest.fixture
def metrics():
    return make_metrics()


def test_requests_are_counted_by_route_status_version_and_time(metrics):
    tally = Tally(metrics)
    for seconds, status in ((0.0003, 200), (0.02, 200), (11.0, 503)):
        tally.count("predict", status, seconds, Served)
    tally.count("health", 200, 0.001)
    tally.settle()
    tally.settle()      # nothing new: nothing is counted again
    assert value(metrics, "requests_total", route="predict", status="200") == 2
    assert value(metrics, "requests_total", route="predict", status="503") == 1
    assert value(metrics, "requests_total", route="health", status="200") == 1
    assert value(metrics, "request_seconds_sum", route="predict") == pytest.approx(11.0203)
    by_time = [value(metrics, "request_seconds_bucket", route="predict", le=le) for le in ("0.00025", "0.0005", "+Inf")]
    assert by_time == [0, 1, 3]
    version = {"model": "kettle", "version": "7", "route": "predict"}
    assert value(metrics, "version_seconds_count", **version) == 3
    assert value(metrics, "version_errors_total", **version, status="503") == 1
    tally.count("predict", 200, 0.001, Served)
    tally.settle()
    assert value(metrics, "version_seconds_count", **version) == 4


def test_single_rows_and_batches_are_counted_by_class(metrics):
    tally = Tally(metrics)
    tally.predicted(Served, 2)
    tally.predicted(Served, np.array([0, 1, 1, 1]))
    tally.settle()
    found = [value(metrics, "predictions_total", model="kettle", version="7", role="champion", prediction=name)
             for name in Served.classes]
    assert found == [1, 3, 1]


def test_nothing_is_lost_or_doubled_while_another_thread_tells_the_metrics(metrics):
    tally, over = Tally(metrics), threading.Event()

    def tell():
        while not over.is_set():
            tally.settle()

    thread = threading.Thread(target=tell)
    thread.start()
    for number in range(30_000):
        tally.count("predict", 200, 0.001, Served)
        tally.predicted(Served, number % 3)
    over.set()
    thread.join()
    tally.settle()
    assert value(metrics, "requests_total", route="predict", status="200") == 30_000
    assert value(metrics, "version_seconds_count", model="kettle", version="7", route="predict") == 30_000
    assert value(metrics, "request_seconds_sum", route="predict") == pytest.approx(30.0)
    found = [value(metrics, "predictions_total", model="kettle", version="7", role="champion", prediction=name)
             for name in Served.classes]
    assert found == [10_000] * 3
