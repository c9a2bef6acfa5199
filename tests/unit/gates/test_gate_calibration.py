"""Calibration: probabilities that mean what they say, judged with the noise of few rows in mind."""

import math

import numpy as np
import pytest

from headgate.gates import Evidence
from headgate.gates.calibration import calibration_gate, expected_calibration_error


def sure(rows, right, stated=0.9):
    """Every row is said to be positive with the same probability, and `right` of them are."""
    y = (np.arange(rows) < right).astype(int)
    return Evidence(y, np.tile([1 - stated, stated], (rows, 1)), ("no", "yes"))


@pytest.mark.parametrize("right, verdict", [(20_010, "pass"), (20_001, "pass"), (19_990, "fail")])
def test_the_error_is_held_against_its_limit(right, verdict):
    # 25,000 rows at 0.9: 20,000 positive ones are an error of 0.10.
    result = calibration_gate(sure(25_000, right), at_most=0.10)
    assert (result.verdict, result.limit) == (verdict, 0.10)
    assert result.observed == pytest.approx(0.9 - right / 25_000)


def test_exactly_at_the_limit_passes():
    evidence = sure(25_000, 20_000)
    error = expected_calibration_error(evidence.probabilities[:, 1], evidence.y == 1)
    assert calibration_gate(evidence, at_most=error).verdict == "pass"


def test_few_rows_fail_only_over_what_chance_would_show():
    unlucky = calibration_gate(sure(12, 9), at_most=0.10)
    assert unlucky.verdict == "pass"
    assert unlucky.observed == pytest.approx(0.15)
    assert "on so few rows a perfectly calibrated model may show as much" in unlucky.sentence
    assert calibration_gate(sure(20, 10), at_most=0.10).verdict == "fail"


def test_overconfidence_fails_on_a_holdout_of_ordinary_size():
    assert calibration_gate(sure(2000, 1500), at_most=0.10).verdict == "fail"


def test_a_calibrated_model_passes_at_a_strict_limit():
    random = np.random.default_rng(0)
    stated = random.random(30_000)
    evidence = Evidence((random.random(30_000) < stated).astype(int), np.c_[1 - stated, stated], ("no", "yes"))
    assert calibration_gate(evidence, at_most=0.02).verdict == "pass"


def test_with_more_classes_the_predicted_one_is_judged():
    probabilities = np.tile([0.1, 0.7, 0.2], (1000, 1))
    y = np.repeat([1, 0], [700, 300])
    assert calibration_gate(Evidence(y, probabilities, ("a", "b", "c")), at_most=0.01).verdict == "pass"
    assert calibration_gate(Evidence((y + 1) % 3, probabilities, ("a", "b", "c")), at_most=0.10).verdict == "fail"


def test_errors_of_one_bin_cancel_and_those_of_two_do_not():
    assert expected_calibration_error(np.array([0.51, 0.53]), np.array([True, False])) == pytest.approx(0.02)
    assert expected_calibration_error(np.array([0.0, 1.0]), np.array([True, False])) == pytest.approx(1.0)


def test_an_empty_holdout_and_nan_fail(candidate):
    for evidence in (candidate(0, 0), candidate(probabilities=np.full((1000, 2), np.nan))):
        result = calibration_gate(evidence, at_most=1.0)
        assert (result.verdict, result.observed) == ("fail", None)
    assert math.isnan(expected_calibration_error(np.array([]), np.array([])))
