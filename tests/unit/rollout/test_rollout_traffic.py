"""What is read of a service's figures, and what came between two readings."""

import math

import pytest

from headgate.errors import NotServing
from headgate.rollout.production import baseline
from headgate.rollout.traffic import ROUTES, Traffic, difference, read_traffic, together

TEXT = '''# HELP headgate_version_seconds Seconds
# TYPE headgate_version_seconds histogram
headgate_version_seconds_bucket{le="0.001",model="kettle",route="predict",version="2"} 90.0
headgate_version_seconds_bucket{le="0.01",model="kettle",route="predict",version="2"} 99.0
headgate_version_seconds_bucket{le="+Inf",model="kettle",route="predict",version="2"} 100.0
headgate_version_seconds_count{model="kettle",route="predict",version="2"} 100.0
headgate_version_seconds_sum{model="kettle",route="predict",version="2"} 0.5
headgate_version_seconds_count{model="kettle",route="predict",version="1"} 7000.0
headgate_version_seconds_count{model="urn",route="predict",version="2"} 7000.0
headgate_version_errors_total{model="kettle",route="predict",status="422",version="2"} 3.0
headgate_version_errors_total{model="kettle",route="predict",status="503",version="2"} 2.0
headgate_version_errors_total{model="kettle",route="predict",status="400",version="2"} 11.0
headgate_version_errors_total{model="kettle",route="predict",status="422",version="1"} 500.0
'''


def traffic(requests, errors=0, mean=0.001, buckets=()):
    return Traffic(requests, errors, requests * mean, buckets)


def test_one_version_of_one_model_is_read():
    found = read_traffic(TEXT, "kettle", "2")
    assert found["predict"] == Traffic(100, 5, 0.5, ((0.001, 90), (0.01, 99), (math.inf, 100)))
    assert found["predict_batch"] == Traffic() and set(found) == set(ROUTES)
    assert found["predict"].share == 0.05 and found["predict"].mean == 0.005


def test_a_version_that_nobody_asked_yet_is_read_as_nothing():
    assert read_traffic(TEXT, "kettle", "9") == {route: Traffic() for route in ROUTES}


def test_a_service_that_does_not_count_by_version():
    old = '# TYPE headgate_predictions_total counter\nheadgate_predictions_total{model="kettle",version="2"} 1.0\n'
    with pytest.raises(NotServing, match="older Headgate"):
        read_traffic(old, "kettle", "2")
    assert read_traffic("", "kettle", "2") == {route: Traffic() for route in ROUTES}, "several workers, nobody asked"


def test_quantiles_are_interpolated_in_their_bucket():
    found = read_traffic(TEXT, "kettle", "2")["predict"]
    assert found.quantile(0.45) == pytest.approx(0.0005)
    assert found.quantile(0.99) == pytest.approx(0.01)
    assert found.quantile(1.0) == 0.01, "above the last edge nothing is known"
    assert math.isnan(Traffic().quantile(0.99)) and math.isnan(Traffic().mean) and math.isnan(Traffic().share)


def test_what_came_between_two_readings():
    early, late = Traffic(10, 1, 1.0, ((0.1, 4), (math.inf, 10))), Traffic(30, 4, 2.5, ((0.1, 9), (math.inf, 30)))
    assert late.since(early) == Traffic(20, 3, 1.5, ((0.1, 5), (math.inf, 20)))
    assert late.since(Traffic()) == late


def test_a_service_that_was_started_again_counts_from_nothing():
    assert Traffic(5, 1, 0.2).since(Traffic(900, 2, 9.0)) == Traffic(5, 1, 0.2)


def test_several_services_are_one():
    one = {"predict": Traffic(10, 1, 1.0, ((0.1, 4), (math.inf, 10))), "predict_batch": Traffic()}
    both = together([one, one])
    assert both["predict"] == Traffic(20, 2, 2.0, ((0.1, 8), (math.inf, 20)))
    assert together([]) == {route: Traffic() for route in ROUTES}


def test_it_is_the_same_after_it_was_kept():
    one = Traffic(10, 1, 1.0, ((0.1, 4), (math.inf, 10)))
    assert Traffic.from_dict(one.to_dict()) == one and one.to_dict()["buckets"][-1] == [None, 10]


@pytest.mark.parametrize("recent, expected", [(199, 5199), (200, 200), (0, 5000)])
def test_the_baseline_is_what_came_lately_where_that_is_enough(recent, expected):
    first = {"predict": traffic(5000), "predict_batch": Traffic()}
    last = {"predict": traffic(5000 + recent), "predict_batch": Traffic()}
    assert difference(last, first)["predict"].requests == recent
    assert baseline(first, last)["predict"].requests == expected
