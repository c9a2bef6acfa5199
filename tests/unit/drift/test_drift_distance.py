"""Distances between counts that can be worked out by hand."""

import numpy as np
import pytest

from headgate.drift.distance import jensen_shannon_distance, psi_of_counts


def test_equal_shares_have_no_distance_however_many_rows():
    assert jensen_shannon_distance([10, 20, 70], [100, 200, 700]) == pytest.approx(0, abs=1e-7)
    assert psi_of_counts([1000, 2000], [1000, 2000]) == 0


def test_nothing_in_common_is_the_distance_of_one():
    assert jensen_shannon_distance([50, 0], [0, 9]) == pytest.approx(1)


def test_a_case_worked_out_by_hand():
    # shares (1/2, 1/2) and (1, 0): middle (3/4, 1/4), entropies 0.8113, 1 and 0 bits
    assert jensen_shannon_distance([5, 5], [7, 0]) == pytest.approx(np.sqrt(0.811278124459 - 0.5), abs=1e-9)


def test_it_does_not_matter_which_side_is_the_reference():
    one, other = [10, 30, 5, 0], [2, 30, 9, 4]
    assert jensen_shannon_distance(one, other) == pytest.approx(jensen_shannon_distance(other, one))
    assert psi_of_counts(one, other) != 0
