"""Parity: what would serve is what was trained."""

import math
from dataclasses import replace

import pytest

from headgate.gates import ParityEvidence
from headgate.gates.parity import parity_gate

PARITY = ParityEvidence(max_difference=1e-6, rows_over=0, flipped=0, rows=1000, golden_ok=True)


def judged(candidate, max_rows_over=0.0, **changes):
    return parity_gate(candidate(parity=replace(PARITY, **changes)), tolerance=1e-4, max_rows_over=max_rows_over)


@pytest.mark.parametrize("difference, over, verdict", [(0.99e-4, 0, "pass"), (1e-4, 0, "pass"), (1.01e-4, 1, "fail")])
def test_the_largest_difference_is_held_against_the_tolerance(candidate, difference, over, verdict):
    result = judged(candidate, max_difference=difference, rows_over=over)
    assert (result.verdict, result.observed, result.limit) == (verdict, difference, 1e-4)


@pytest.mark.parametrize("over, verdict", [(19, "pass"), (20, "pass"), (21, "fail")])
def test_a_share_of_rows_may_be_over_where_the_spec_says_so(candidate, over, verdict):
    assert judged(candidate, 0.02, max_difference=0.009, rows_over=over).verdict == verdict


def test_a_difference_over_the_tolerance_on_no_row_is_not_believed(candidate):
    assert judged(candidate, 0.02, max_difference=0.009, rows_over=0).verdict == "fail"


def test_one_flipped_class_fails(candidate):
    result = judged(candidate, flipped=1)
    assert result.verdict == "fail"
    assert "1 row of 1,000 get another class" in result.sentence


def test_golden_rows_that_do_not_reproduce_fail(candidate):
    result = judged(candidate, golden_ok=False)
    assert result.verdict == "fail"
    assert "golden rows do not reproduce" in result.sentence


def test_nan_fails(candidate):
    result = judged(candidate, max_difference=math.nan)
    assert (result.verdict, result.observed) == ("fail", None)


def test_nothing_compared_fails(candidate):
    assert judged(candidate, rows=0).verdict == "fail"
    assert parity_gate(candidate(parity=None), tolerance=1e-4).verdict == "fail"
