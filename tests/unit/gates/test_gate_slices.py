"""Slices: a large one under its floor fails, a small one only when it is shown to be."""

import numpy as np
import pytest

from headgate.gates.slices import slices_gate


def judged(candidate, rows, right, *, floor=None, at_least=0.80, **limits):
    labels = np.full(rows, "JFK")
    return slices_gate(candidate(rows, right, slices={"origin": (labels, floor)}), at_least=at_least, **limits)


@pytest.mark.parametrize("right, verdict", [(801, "pass"), (800, "pass"), (799, "fail")])
def test_a_large_slice_is_judged_by_its_accuracy(candidate, right, verdict):
    result = judged(candidate, 1000, right)
    assert (result.verdict, result.limit) == (verdict, 0.80)
    assert ("Under their floor: origin=JFK" in result.sentence) == (verdict == "fail")


@pytest.mark.parametrize("rows, verdict", [(500, "fail"), (499, "pass")])
def test_large_begins_at_500_rows(candidate, rows, verdict):
    assert judged(candidate, rows, int(rows * 0.79)).verdict == verdict
    assert judged(candidate, rows, int(rows * 0.79), small_under=1).verdict == "fail"


@pytest.mark.parametrize("right, verdict", [(80, "pass"), (79, "pass"), (72, "pass"), (71, "fail"), (0, "fail")])
def test_a_small_slice_fails_only_when_its_interval_is_under_the_floor(candidate, right, verdict):
    result = judged(candidate, 100, right)
    assert result.verdict == verdict
    assert ("too few rows to tell" in result.sentence) == (verdict == "pass" and right < 80)


def test_a_single_wrong_row_cannot_tell(candidate):
    result = judged(candidate, 1, 0)
    assert result.verdict == "pass"
    assert "1 row (95 % interval" in result.sentence


def test_the_floor_of_the_slice_goes_before_the_floor_of_the_gate(candidate):
    assert judged(candidate, 1000, 900, floor=0.90).verdict == "pass"
    assert judged(candidate, 1000, 900, floor=0.91).verdict == "fail"
    assert judged(candidate, 1000, 500, floor=0.0).verdict == "pass"


def test_each_value_is_judged_alone(candidate):
    labels = np.array(["bad"] * 600 + ["good"] * 5400)
    result = slices_gate(candidate(6000, 5700, slices={"origin": (labels, None)}), at_least=0.80)
    assert (result.verdict, result.observed) == ("fail", 0.5)
    outcomes = [(piece["value"], piece["verdict"]) for piece in result.details["slices"]]
    assert outcomes == [("bad", "fail"), ("good", "pass")]


def test_missing_values_are_a_slice_of_their_own(candidate):
    labels = np.array([None, float("nan"), "", "JFK"] * 250, dtype=object)
    result = slices_gate(candidate(slices={"origin": (labels, None)}), at_least=0.80)
    assert {piece["value"]: piece["rows"] for piece in result.details["slices"]} == {"(missing)": 750, "JFK": 250}


def test_without_declared_slices_there_is_nothing_to_fail(candidate):
    assert slices_gate(candidate(), at_least=0.80).verdict == "pass"


def test_an_empty_holdout_fails(candidate):
    result = slices_gate(candidate(0, 0, slices={"origin": (np.array([], str), None)}), at_least=0.80)
    assert (result.verdict, result.observed) == ("fail", None)


def test_a_nan_probability_counts_as_wrong(candidate):
    evidence = candidate(probabilities=np.full((1000, 2), np.nan), slices={"origin": (np.full(1000, "JFK"), None)})
    assert slices_gate(evidence, at_least=0.80).verdict == "fail"


def test_many_failing_slices_are_counted_not_listed(candidate):
    labels = np.repeat([f"v{number}" for number in range(10)], 1000)
    sentence = slices_gate(candidate(10_000, 0, slices={"origin": (labels, None)}), at_least=0.80).sentence
    assert sentence.endswith(" and 7 more.")
