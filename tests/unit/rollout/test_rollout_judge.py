"""When errors or latency count as risen."""

import math

import pytest

from headgate.gates.intervals import wilson
from headgate.rollout.judge import CONFIDENCE, ENOUGH, Limits, judge, judge_errors, judge_latency
from headgate.rollout.traffic import Traffic

LIMITS = Limits(error_rise=0.01, slowdown=2.0)


def counted(requests, errors=0):
    return Traffic(requests, errors, requests * 0.001)


def timed(requests, seconds):
    """Requests that all took about `seconds`."""
    edges = (0.001, 0.002, 0.004, 0.008, 0.016, 0.032, 0.064, math.inf)
    return Traffic(requests, 0, requests * seconds, tuple((edge, requests if edge >= seconds else 0) for edge in edges))


def test_errors_rise_when_the_least_share_they_may_have_is_over_what_it_was_and_the_limit():
    before, now = counted(1000, 10), counted(1000, 80)
    apart = wilson(80, 1000, CONFIDENCE)[0] - before.share
    assert judge_errors("predict", before, now, limit=apart - 1e-9).rose
    assert not judge_errors("predict", before, now, limit=apart).rose
    assert not judge_errors("predict", before, now, limit=apart + 1e-9).rose


@pytest.mark.parametrize("before, now, rose", [
    (counted(1000, 0), counted(10, 10), True),           # ten of ten: nobody need wait for more
    (counted(1000, 0), counted(1000, 0), False),
    (counted(1000, 0), counted(5, 1), False),            # one may be chance
    (counted(1000, 300), counted(1000, 310), False),     # bad clients there always were
    (counted(1000, 300), counted(1000, 500), True),
    (counted(0), counted(1000, 5), False),               # nothing to compare with: the limit itself
    (counted(0), counted(1000, 200), True),
    (counted(0), counted(1, 1), False),                  # one bad request undoes nobody's version
    (counted(0), counted(4, 4), False),
    (counted(0), counted(5, 5), True),
    (counted(10), counted(1000, 100), False),            # ten requests say little about what was before
    (counted(10), counted(10_000, 5_500), True),         # and yet enough about half of them
    (counted(20), counted(600, 180), True),
    (counted(50), counted(10_000, 1_700), True),
    (counted(200), counted(10_000, 500), True),
    (counted(200, 5), counted(10_000, 500), False),      # a little luck before
    (counted(10 ** 6, 10 ** 4), counted(10 ** 6, 10 ** 4 + 300), False),
    (counted(10 ** 6, 10 ** 4), counted(10 ** 6, 3 * 10 ** 4), True),
])
def test_errors(before, now, rose):
    assert judge_errors("predict", before, now, limit=LIMITS.error_rise).rose is rose


def test_latency_rises_when_mean_and_p99_both_do():
    before = timed(1000, 0.008)
    assert judge_latency("predict", before, timed(1000, 0.032), limit=2.0).rose
    assert not judge_latency("predict", before, timed(1000, 0.008), limit=2.0).rose
    tail = Traffic(1000, 0, 1000 * 0.009, ((0.008, 985), (0.064, 1000), (math.inf, 1000)))
    assert not judge_latency("predict", before, tail, limit=2.0).rose, "the mean did not"
    mean = Traffic(1000, 0, 1000 * 0.02, ((0.008, 1000), (math.inf, 1000)))
    assert not judge_latency("predict", before, mean, limit=2.0).rose, "the p99 did not"


def test_latency_that_nobody_notices_does_not_count():
    assert not judge_latency("predict", timed(1000, 0.001), timed(1000, 0.008), limit=2.0).rose
    assert judge_latency("predict", timed(1000, 0.001), timed(1000, 0.016), limit=2.0).rose


@pytest.mark.parametrize("before, now", [(ENOUGH - 1, ENOUGH), (ENOUGH, ENOUGH - 1), (0, ENOUGH)])
def test_latency_is_not_judged_with_few_requests(before, now):
    found = judge_latency("predict", timed(before, 0.001), timed(now, 0.064), limit=2.0)
    assert not found.rose and "not judged" in found.sentence
    assert judge_latency("predict", timed(ENOUGH, 0.001), timed(ENOUGH, 0.064), limit=2.0).rose


def test_routes_that_nobody_asked_are_left_out():
    quiet = {"predict": Traffic(), "predict_batch": Traffic()}
    assert judge(quiet, quiet, LIMITS) == ()
    found = judge(quiet, {**quiet, "predict": counted(50, 50)}, LIMITS)
    assert [(one.rule, one.rose) for one in found] == [("errors", True), ("latency", False)]
    assert "50 of 50 requests failed (100.00%; no requests before)" in found[0].sentence
