"""Cost: cheap enough to serve."""

import math

import pytest

from headgate.gates import CostEvidence
from headgate.gates.cost import cost_gate


def judged(candidate, milliseconds, megabytes):
    return cost_gate(candidate(cost=CostEvidence(milliseconds, megabytes)), max_milliseconds=20.0, max_megabytes=200.0)


@pytest.mark.parametrize("milliseconds, megabytes, verdict", [
    (19.9, 1, "pass"), (20, 1, "pass"), (20.1, 1, "fail"), (1, 199.9, "pass"), (1, 200, "pass"), (1, 200.1, "fail"),
    (math.nan, 1, "fail"), (1, math.nan, "fail")])
def test_time_and_size_are_held_against_their_limits(candidate, milliseconds, megabytes, verdict):
    assert judged(candidate, milliseconds, megabytes).verdict == verdict


def test_the_sentence_names_both(candidate):
    assert judged(candidate, 0.05, 1.25).sentence == ("One row takes 0.05 ms, at most 20 ms; the graph has 1.25 MB, "
                                                      "at most 200 MB.")


def test_what_was_not_measured_fails(candidate):
    result = cost_gate(candidate(cost=None), max_milliseconds=20.0, max_megabytes=200.0)
    assert (result.verdict, result.observed) == ("fail", None)
