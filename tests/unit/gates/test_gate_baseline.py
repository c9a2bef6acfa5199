"""Better than trivial: the gain must be shown, not only seen."""

from types import SimpleNamespace

import numpy as np
import pytest

from headgate.gates.baseline import baseline_gate

RULE = SimpleNamespace(column="dep_delay", at_least=15.0)


def test_a_good_model_beats_the_commonest_class(candidate):
    result = baseline_gate(candidate())
    assert (result.verdict, result.limit) == ("pass", 0.0)
    assert result.observed == pytest.approx(0.39, abs=0.005)
    assert "beats always 'no' (0.500) by +0.420" in result.sentence


def test_a_model_that_always_says_the_commonest_class_fails(candidate):
    result = baseline_gate(candidate(probabilities=np.tile([0.9, 0.1], (1000, 1))))
    assert result.verdict == "fail"
    assert "is not shown to beat" in result.sentence


def _with_rule(candidate, wins, losses, rows=1000):
    """The rule is wrong where the model is right on `wins` rows, and the other way round on `losses`."""
    evidence = candidate(rows, rows - losses)
    rule = evidence.y.copy()
    rule[rows - wins:] = 1 - rule[rows - wins:]
    return baseline_gate(candidate(rows, rows - losses, rule_predictions=rule), rule=RULE)


@pytest.mark.parametrize("wins, verdict", [(34, "pass"), (33, "pass"), (32, "fail"), (20, "fail"), (0, "fail")])
def test_the_gain_over_the_rule_must_be_shown_with_95_percent_confidence(candidate, wins, verdict):
    # 33 rows won and 20 lost: 33 - 20 - 1/2 = 12.5 is above 1.645 sqrt(53) = 11.98; 32 won: 11.5 under 11.86.
    result = _with_rule(candidate, wins, 20)
    assert result.verdict == verdict
    assert "the rule dep_delay at least 15" in result.sentence


def test_flights_beat_their_rule(candidate):
    result = _with_rule(candidate, 1000, 800, rows=28_618)
    assert result.verdict == "pass"
    assert result.observed == pytest.approx(0.0045, abs=0.0005)


def test_a_rule_that_was_never_evaluated_fails(candidate):
    result = baseline_gate(candidate(), rule=RULE)
    assert (result.verdict, result.observed) == ("fail", None)
    assert "'dep_delay' was not evaluated" in result.sentence


def test_an_empty_holdout_fails(candidate):
    result = baseline_gate(candidate(0, 0))
    assert (result.verdict, result.observed) == ("fail", None)


@pytest.mark.parametrize("only", [0, 1])
def test_a_holdout_of_a_single_class_fails(candidate, only):
    result = baseline_gate(candidate(y=np.full(1000, only)))
    assert (result.verdict, result.observed) == ("fail", None)
    assert f"every row of the holdout is of class {('no', 'yes')[only]!r}" in result.sentence


def test_a_nan_probability_counts_as_wrong(candidate):
    result = baseline_gate(candidate(probabilities=np.full((1000, 2), np.nan)))
    assert result.verdict == "fail"
