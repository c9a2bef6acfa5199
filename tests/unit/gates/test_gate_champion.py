"""The champion: promote, hold or reject by what the same rows can tell, with the error rates that are promised."""

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from headgate.gates import ChampionEvidence, Evidence
from headgate.gates.champion import champion_gate, outcome, rows_to_settle

ORDER = {"fail": 0, "hold": 1, "pass": 2}


def duel(wins, losses, rows, version="3"):
    """Two models that differ on `wins` and `losses` rows and are both right on all others."""
    y = np.arange(rows) % 2
    ours, theirs = y.copy(), y.copy()
    theirs[:wins] = 1 - theirs[:wins]
    ours[wins:wins + losses] = 1 - ours[wins:wins + losses]
    return Evidence(y, np.eye(2)[ours], ("no", "yes"), champion=ChampionEvidence(theirs, np.ones(rows, bool), version))


def test_without_a_champion_there_is_nothing_to_be_worse_than(candidate):
    result = champion_gate(candidate(), margin=0.02)
    assert (result.verdict, result.observed) == ("pass", None)
    assert result.sentence == "There is no champion yet to compare with."


def test_a_champion_that_was_not_asked_is_not_taken_for_none(candidate):
    result = champion_gate(replace(candidate(), champion_elsewhere=True), margin=0.02)
    assert (result.verdict, result.observed) == ("hold", None)
    assert result.sentence == "The champion is on the Prefect server and was not asked."


def test_a_champion_that_cannot_score_holds_with_the_reason():
    lost = ChampionEvidence(np.zeros(0, int), np.zeros(10, bool), "3", unavailable="it needs the column 'wind'.")
    evidence = Evidence(np.zeros(10, int), np.eye(2)[np.zeros(10, int)], ("no", "yes"), champion=lost)
    result = champion_gate(evidence, margin=0.02)
    assert (result.verdict, result.observed) == ("hold", None)
    assert result.sentence == "The champion (version 3) cannot score these rows: it needs the column 'wind'."


@pytest.mark.parametrize("rows", [0, 10])
def test_no_paired_row_holds(rows):
    champion = ChampionEvidence(np.zeros(0, int), np.zeros(rows, bool), "3")
    evidence = Evidence(np.zeros(rows, int), np.zeros((rows, 2)), ("no", "yes"), champion=champion)
    result = champion_gate(evidence, margin=0.02)
    assert (result.verdict, result.observed) == ("hold", None)
    assert "No row of the holdout is new to the champion" in result.sentence


def test_a_table_as_small_as_penguins_holds_and_says_how_many_rows_would_tell():
    result = champion_gate(duel(1, 1, 70), margin=0.02)
    assert result.verdict == "hold"
    assert "these rows cannot tell whether it is below -0.02. About 587 rows would settle it" in result.sentence
    assert result.details["rows_to_settle"] == 587


@pytest.mark.parametrize("rows, verdict", [(1, "hold"), (70, "hold"), (179, "hold"), (180, "pass"), (30_000, "pass")])
def test_two_models_that_never_differ_need_rows_too(rows, verdict):
    result = champion_gate(duel(0, 0, rows), margin=0.02)
    assert (result.verdict, result.observed) == (verdict, 0.0)
    assert result.details["rows_to_settle"] == 180


@pytest.mark.parametrize("losses, verdict", [(30, "pass"), (31, "pass"), (32, "hold"), (60, "hold"), (61, "fail")])
def test_the_three_outcomes_just_around_their_bounds(losses, verdict):
    # 1,000 rows, margin 0.02: 20 losses more than wins lie exactly on the margin.
    result = champion_gate(duel(25, losses, 1000), margin=0.02)
    found = result.details
    assert result.verdict == verdict
    assert (found["lower"] > -0.02) == (verdict == "pass")
    assert (found["upper"] < -0.02) == (verdict == "fail")


def test_exactly_on_the_margin_is_held_whatever_the_rows():
    result = champion_gate(duel(1000, 2000, 50_000), margin=0.02)
    assert result.verdict == "hold"
    assert result.details["rows_to_settle"] is None
    assert "no practical number of rows" in result.sentence
    json.dumps(result.to_dict(), allow_nan=False)


def test_only_rows_new_to_the_champion_count():
    rows = np.arange(2000) >= 1000
    y = np.zeros(2000, int)
    ours = np.where(rows, 0, 1)
    champion = ChampionEvidence(np.zeros(1000, int), rows, "3")
    result = champion_gate(Evidence(y, np.eye(2)[ours], ("no", "yes"), champion=champion), margin=0.02)
    assert (result.verdict, result.details["rows"], result.details["accuracy"]) == ("pass", 1000, 1.0)


def test_a_model_far_worse_is_rejected_and_far_better_is_promoted():
    assert champion_gate(duel(10, 200, 1000), margin=0.02).verdict == "fail"
    assert champion_gate(duel(200, 10, 1000), margin=0.02).verdict == "pass"


def _chance_of(verdict, rows, disagreement, difference, margin):
    """The exact chance of an outcome, summed over every pair of counts that can happen."""
    most = min(rows, int(rows * disagreement + 9 * math.sqrt(rows * disagreement) + 15))
    wins, losses = (part.astype(float) for part in np.meshgrid(np.arange(most + 1), np.arange(most + 1)))
    log = np.array([math.lgamma(count + 1) for count in range(rows + 1)])
    rest = rows - wins - losses
    won, lost = (disagreement + difference) / 2, (disagreement - difference) / 2
    likely = (log[rows] - log[wins.astype(int)] - log[losses.astype(int)] - log[np.maximum(rest, 0).astype(int)]
              + _times_log(wins, won) + _times_log(losses, lost) + _times_log(rest, 1 - won - lost))
    told = outcome(wins, losses, rows, margin=margin)
    return float(np.exp(likely[(rest >= 0) & (told == verdict)]).sum())


def _times_log(count, chance):
    return count * math.log(chance) if chance > 0 else np.where(count > 0, -np.inf, 0.0)


@pytest.mark.parametrize("margin", [0.01, 0.02, 0.05, 0.10])
@pytest.mark.parametrize("rows", [20, 70, 134, 150, 300, 1000])
def test_a_model_worse_by_the_margin_is_promoted_in_at_most_5_percent(rows, margin):
    for rate in (margin, 1.05 * margin, 1.5 * margin, 0.05, 0.1, 0.3):
        if rate >= margin:
            assert _chance_of("pass", rows, rate, -margin, margin) <= 0.05


@pytest.mark.parametrize("rows", [20, 70, 150, 300, 1000])
def test_an_equal_model_is_rejected_in_at_most_5_percent(rows):
    for rate in (0.01, 0.05, 0.1, 0.3):
        assert _chance_of("fail", rows, rate, 0.0, 0.02) <= 0.05


@pytest.mark.parametrize("difference, verdict", [(0.0, "pass"), (0.01, "pass"), (-0.01, "pass"), (-0.04, "fail")])
@pytest.mark.parametrize("rate", [0.05, 0.1])
def test_the_stated_number_of_rows_settles_it_in_80_percent(rate, difference, verdict):
    rows = rows_to_settle(difference, rate, margin=0.02)
    assert _chance_of(verdict, rows, rate, difference, 0.02) == pytest.approx(0.80, abs=0.025)


COUNTS = st.tuples(st.integers(0, 200), st.integers(0, 200), st.integers(0, 5000))


@given(COUNTS, st.floats(0.001, 0.5), st.floats(0.0, 0.4))
def test_a_wider_margin_never_makes_the_outcome_worse(counts, margin, more):
    wins, losses, same = counts
    rows = wins + losses + same
    narrow = outcome(wins, losses, rows, margin=margin)
    wide = outcome(wins, losses, rows, margin=min(margin + more, 0.99))
    assert ORDER[wide] >= ORDER[narrow]


@given(COUNTS, st.floats(0.001, 0.5))
def test_one_more_win_instead_of_a_loss_never_makes_it_worse(counts, margin):
    wins, losses, same = counts
    rows = wins + losses + same + 1
    better, worse = outcome(wins + 1, losses, rows, margin=margin), outcome(wins, losses + 1, rows, margin=margin)
    assert ORDER[better] >= ORDER[worse]


@given(st.integers(0, 2 ** 32 - 1), st.integers(1, 300))
def test_naming_the_classes_the_other_way_round_changes_nothing(seed, rows):
    random = np.random.default_rng(seed)
    y, ours, theirs = (random.integers(0, 2, rows) for _ in range(3))
    results = [champion_gate(Evidence(truth, np.eye(2)[told], ("a", "b"),
                                      champion=ChampionEvidence(held, np.ones(rows, bool), "3")), margin=0.05)
               for truth, told, held in ((y, ours, theirs), (1 - y, 1 - ours, 1 - theirs))]
    assert results[0] == results[1]


@given(st.floats(-0.3, 0.3), st.floats(0.0, 0.4), st.floats(0.005, 0.2))
def test_rows_to_settle_is_never_none_or_negative(difference, extra, margin):
    assert rows_to_settle(difference, min(abs(difference) + extra, 1.0), margin=margin) >= 1
