"""PSI on numbers that can be worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from headgate.errors import TooFewRows
from headgate.validation.stability import category_codes, decile_edges, population_stability_index


def test_two_equal_samples_have_no_distance():
    values = np.arange(100.0)
    assert population_stability_index(values, values, decile_edges(values)) == 0


def test_a_case_worked_out_by_hand():
    reference, current = np.repeat([0.0, 1.0], [50, 50]), np.repeat([0.0, 1.0], [80, 20])
    expected, seen = np.array([50.5, 50.5, 0.5]) / 101.5, np.array([80.5, 20.5, 0.5]) / 101.5
    by_hand = np.sum((seen - expected) * np.log(seen / expected))
    assert population_stability_index(reference, current, np.array([0.5])) == pytest.approx(by_hand, abs=1e-12)
    assert by_hand == pytest.approx(0.404, abs=0.001)


def test_it_does_not_matter_which_side_is_the_reference():
    rng = np.random.default_rng(0)
    one, other = rng.normal(0, 1, 500), rng.normal(0.5, 1, 500)
    edges = decile_edges(one)
    assert population_stability_index(one, other, edges) == pytest.approx(population_stability_index(other, one, edges))


def test_missing_values_are_a_bin_of_their_own():
    values = np.arange(100.0)
    holes = np.where(np.arange(100) % 5 < 2, np.nan, values)
    assert population_stability_index(values, holes, decile_edges(values)) > 1


def test_all_missing_on_both_sides_is_no_distance():
    assert population_stability_index(np.full(30, np.nan), np.full(40, np.nan), np.empty(0)) < 0.01


@pytest.mark.parametrize("reference, current, enough", [
    (19, 20, False), (20, 19, False), (20, 20, True), (0, 20, False)])
def test_twenty_rows_on_either_side_are_needed(reference, current, enough):
    if enough:
        assert population_stability_index(np.zeros(reference), np.zeros(current), np.array([0.0])) == 0
        return
    with pytest.raises(TooFewRows) as raised:
        population_stability_index(np.zeros(reference), np.zeros(current), np.array([0.0]))
    assert raised.value.value == f"{min(reference, current)} rows"


def test_a_constant_that_moved_either_way_is_seen():
    edges = decile_edges(np.full(100, 5.0))
    for moved in (4.0, 6.0):
        assert population_stability_index(np.full(100, 5.0), np.full(100, moved), edges) > 5


def test_edges_leave_out_what_is_not_finite():
    assert len(decile_edges([np.nan, np.inf])) == 0
    assert decile_edges([1.0, np.inf, np.nan, -np.inf]) == pytest.approx([1.0, 1.0], abs=1e-8)


def test_a_last_digit_that_was_rounded_differently_moves_nothing():
    values = np.random.default_rng(0).choice([0.0, 3.45234, 5.7539, 10.35702, 12.65858], 1000)
    for other in (np.nextafter(values, np.inf), np.nextafter(values, -np.inf)):
        assert population_stability_index(values, other, decile_edges(values)) == 0


def test_rare_categories_share_a_bin_so_that_many_of_them_do_not_drift_by_chance():
    names = [f"port {number}" for number in range(100)]
    rng = np.random.default_rng(0)
    before, now = (pd.Series(rng.choice(names, 500), dtype="str") for _ in range(2))
    assert population_stability_index(*category_codes(before, now, names)) < 0.25


def test_unlisted_and_missing_categories_are_two_bins_and_both_drift():
    before = pd.Series(["a", "b"] * 50, dtype="str")
    unlisted, missing = before.copy(), before.copy()
    unlisted[:40], missing[:40] = "c", None
    for now in (unlisted, missing):
        assert population_stability_index(*category_codes(before, now, ["a", "b"])) > 1
    codes = category_codes(unlisted, missing, ["a", "b"])[0]
    assert set(codes) == {0.0, 1.0, 3.0}
