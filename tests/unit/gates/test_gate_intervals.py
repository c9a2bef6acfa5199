"""The intervals themselves, against values known from elsewhere."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.gates.intervals import exact, exceeds, null_variance, paired_lower, paired_upper, wilson


@pytest.mark.parametrize("successes, rows, low, high", [
    (5, 10, 0.2366, 0.7634), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)])
def test_wilson_gives_the_published_values(successes, rows, low, high):
    # The last is Newcombe (1998), Two-sided confidence intervals for the single proportion, table I.
    assert wilson(successes, rows) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("successes, rows, low, high", [
    (5, 10, 0.1871, 0.8129), (0, 1, 0.0, 0.975), (1, 1, 0.025, 1.0), (81, 263, 0.2527, 0.3676)])
def test_the_exact_interval_gives_the_published_values(successes, rows, low, high):
    assert exact(successes, rows) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("interval", [wilson, exact])
def test_without_rows_a_share_is_unknown(interval):
    assert all(math.isnan(bound) for bound in interval(0, 0))


@pytest.mark.parametrize("wins, losses, rows, difference", [
    (12, 2, 50, -0.02), (0, 0, 70, -0.02), (3, 9, 200, -0.05), (0, 5, 100, 0.03), (40, 44, 1000, 0.0)])
def test_the_variance_is_that_of_the_likeliest_model_under_the_null(wins, losses, rows, difference):
    lost = np.linspace(max(0.0, -difference), (1 - difference) / 2, 400_001)[1:-1]
    won, same = lost + difference, 1 - 2 * lost - difference
    with np.errstate(divide="ignore", invalid="ignore"):
        likely = (np.where(wins, wins * np.log(won), 0) + losses * np.log(lost) + (rows - wins - losses) * np.log(same))
    best = lost[np.nanargmax(likely)]
    expected = 2 * best + difference - difference ** 2
    assert null_variance(wins, losses, rows, difference) == pytest.approx(expected, abs=1e-5)


@given(st.integers(0, 80), st.integers(0, 80), st.integers(1, 2000))
def test_the_paired_bounds_hold_the_difference_and_mirror_each_other(wins, losses, same):
    rows = wins + losses + same
    low, high = paired_lower(wins, losses, rows), paired_upper(wins, losses, rows)
    assert -1 <= low <= (wins - losses) / rows <= high <= 1
    assert (low, high) == (-paired_upper(losses, wins, rows), -paired_lower(losses, wins, rows))


@given(st.integers(0, 80), st.integers(0, 80), st.integers(1, 2000), st.floats(-0.5, 0.5))
def test_the_bound_and_the_test_say_the_same(wins, losses, same, difference):
    rows = wins + losses + same
    low = paired_lower(wins, losses, rows)
    if abs(low - difference) > 1e-9:
        assert bool(exceeds(wins, losses, rows, difference)) == (low > difference)


def test_without_rows_nothing_is_known():
    assert paired_lower(0, 0, 0) == -1.0
    assert paired_upper(0, 0, 0) == 1.0


def test_bounds_of_arrays_are_those_of_their_elements():
    wins, losses = np.array([3, 0, 12]), np.array([1, 0, 30])
    assert paired_lower(wins, losses, 100).tolist() == [paired_lower(w, v, 100) for w, v in zip(wins, losses)]
