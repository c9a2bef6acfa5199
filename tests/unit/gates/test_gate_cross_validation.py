"""The folds: their mean against the accuracy floor less a margin, and how far they lie apart."""

import math

import pytest

from headgate.gates.cross_validation import cross_validation_gate


def judged(candidate, *folds, floor=0.90, margin=0.02, max_spread=0.10):
    return cross_validation_gate(candidate(folds=folds), floor=floor, margin=margin, max_spread=max_spread)


@pytest.mark.parametrize("fold, verdict", [(0.8801, "pass"), (0.88, "pass"), (0.8799, "fail")])
def test_the_mean_is_held_against_the_floor_less_the_margin(candidate, fold, verdict):
    result = judged(candidate, fold, fold, fold)
    assert (result.verdict, result.limit) == (verdict, 0.88)


@pytest.mark.parametrize("lowest, verdict", [(0.8901, "pass"), (0.89, "pass"), (0.8899, "fail")])
def test_the_folds_may_not_lie_too_far_apart(candidate, lowest, verdict):
    result = judged(candidate, lowest, 0.99, 0.95)
    assert result.verdict == verdict
    assert ("over the limit of 0.10" in result.sentence) == (verdict == "fail")


def test_one_nan_fold_fails(candidate):
    result = judged(candidate, 0.95, math.nan, 0.95)
    assert (result.verdict, result.observed, result.details["folds"]) == ("fail", None, [0.95, None, 0.95])


@pytest.mark.parametrize("folds", [(), (0.99,)])
def test_fewer_than_two_folds_fail(candidate, folds):
    result = judged(candidate, *folds)
    assert result.verdict == "fail"
    assert f"there are {len(folds)}" in result.sentence
