"""The floor under a score: a candidate just above it, on it, just below it, and where there is no score."""

import math

import numpy as np
import pytest

from headgate.gates import ChampionEvidence
from headgate.gates.accuracy import accuracy_gate
from headgate.gates.metrics import NAMES, interval, score


@pytest.mark.parametrize("right, verdict", [(901, "pass"), (900, "pass"), (899, "fail")])
def test_accuracy_is_held_against_its_floor(candidate, right, verdict):
    result = accuracy_gate(candidate(1000, right), at_least=0.90)
    assert (result.name, result.verdict, result.limit) == ("accuracy", verdict, 0.90)
    assert result.observed == pytest.approx(right / 1000)


def test_a_score_near_its_floor_is_written_so_that_it_differs(candidate):
    result = accuracy_gate(candidate(100_000, 89_999), at_least=0.90)
    assert result.sentence.startswith("Accuracy 0.89999 on 100,000 holdout rows")
    assert "is under the floor of 0.90" in result.sentence


def test_the_interval_and_the_champion_stand_beside_the_score(candidate):
    evidence = candidate(1000, 912)
    champion = ChampionEvidence(np.where(np.arange(1000) < 90, 1 - evidence.y, evidence.y), np.ones(1000, bool), "3")
    result = accuracy_gate(candidate(1000, 912, champion=champion), at_least=0.90)
    assert result.sentence == ("Accuracy 0.912 on 1,000 holdout rows (95 % interval 0.893 to 0.928) is at least 0.90; "
                               "the champion (version 3) has 0.910.")
    assert result.details["champion"] == pytest.approx(0.91)


def test_a_champion_with_fewer_fair_rows_says_how_many(candidate):
    rows = np.arange(1000) >= 800
    evidence = candidate()
    champion = ChampionEvidence(evidence.y[rows], rows, "3")
    sentence = accuracy_gate(candidate(champion=champion), at_least=0.90).sentence
    assert sentence.endswith("; the champion (version 3) has 1.000 on the 200 rows it never trained on.")


def test_a_champion_that_cannot_score_is_left_out(candidate):
    gone = ChampionEvidence(np.zeros(0, int), np.zeros(1000, bool), "3", unavailable="it needs a column")
    assert accuracy_gate(candidate(champion=gone), at_least=0.9).details["champion"] is None


def test_a_nan_probability_fails(candidate):
    probabilities = candidate().probabilities.copy()
    probabilities[7, 1] = math.nan
    result = accuracy_gate(candidate(probabilities=probabilities), at_least=0.0)
    assert (result.verdict, result.observed) == ("fail", None)
    assert "1 row of 1,000 got no probability" in result.sentence


@pytest.mark.parametrize("metric", NAMES)
def test_an_empty_holdout_fails(candidate, metric):
    limit = {"at_most": 9.0} if metric == "log_loss" else {"at_least": 0.0}
    result = accuracy_gate(candidate(0, 0), metric=metric, **limit)
    assert (result.verdict, result.observed) == ("fail", None)
    assert "the holdout has no rows" in result.sentence


@pytest.mark.parametrize("metric", ["roc_auc", "balanced_accuracy", "recall"])
def test_a_single_class_leaves_some_scores_undefined(candidate, metric):
    result = accuracy_gate(candidate(100, 100, y=np.zeros(100, int)), metric=metric, at_least=0.0)
    assert result.verdict == "fail"
    assert "no row of class yes" in result.sentence


def test_precision_without_a_positive_prediction_is_undefined(candidate):
    result = accuracy_gate(candidate(10, probabilities=np.tile([0.9, 0.1], (10, 1)), right=5),
                           metric="precision", at_least=0.0)
    assert result.verdict == "fail"
    assert "no row is predicted positive" in result.sentence


@pytest.mark.parametrize("metric", sorted(set(NAMES) - {"log_loss"}))
def test_every_metric_passes_at_its_value_and_fails_just_over_it(candidate, metric):
    evidence = candidate()
    value = score(metric, evidence.y, evidence.probabilities, evidence.predicted)
    assert accuracy_gate(evidence, metric=metric, at_least=value).verdict == "pass"
    assert accuracy_gate(evidence, metric=metric, at_least=value - 1e-9).verdict == "pass"
    assert accuracy_gate(evidence, metric=metric, at_least=value + 1e-9).verdict == "fail"


def test_log_loss_has_a_ceiling(candidate):
    evidence = candidate()
    value = score("log_loss", evidence.y, evidence.probabilities, evidence.predicted)
    assert accuracy_gate(evidence, metric="log_loss", at_most=value).verdict == "pass"
    assert accuracy_gate(evidence, metric="log_loss", at_most=value + 1e-9).verdict == "pass"
    result = accuracy_gate(evidence, metric="log_loss", at_most=value - 1e-9)
    assert result.verdict == "fail"
    assert "over the limit of" in result.sentence


def _noisy(classes, rows=600, seed=1):
    random = np.random.default_rng(seed)
    y = random.integers(0, classes, rows)
    scores = random.dirichlet(np.ones(classes), rows) + 0.6 * np.eye(classes)[y] * random.random((rows, 1))
    probabilities = np.round(scores / scores.sum(axis=1, keepdims=True), 2)
    return y, probabilities / probabilities.sum(axis=1, keepdims=True)


def _by_sklearn(metric, y, probabilities, predicted):
    from sklearn import metrics
    binary = probabilities.shape[1] == 2
    if metric == "roc_auc":
        return metrics.roc_auc_score(y, probabilities[:, 1] if binary else probabilities, multi_class="ovr")
    if metric == "log_loss":
        return metrics.log_loss(y, probabilities)
    if metric in ("f1", "recall", "precision"):
        return getattr(metrics, f"{metric}_score")(y, predicted, average="binary" if binary else "macro")
    return getattr(metrics, f"{metric}_score")(y, predicted)


@pytest.mark.parametrize("classes", [2, 3, 5])
@pytest.mark.parametrize("metric", NAMES)
def test_scores_equal_those_of_scikit_learn(metric, classes):
    y, probabilities = _noisy(classes)
    predicted = probabilities.argmax(axis=1)
    assert score(metric, y, probabilities, predicted) == pytest.approx(_by_sklearn(metric, y, probabilities, predicted))


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("metric", NAMES)
def test_intervals_are_as_wide_as_a_bootstrap_over_rows(metric, classes):
    y, probabilities = _noisy(classes)
    predicted = probabilities.argmax(axis=1)
    low, high = interval(metric, y, probabilities, predicted)
    random = np.random.default_rng(0)
    draws = [score(metric, y[rows], probabilities[rows], predicted[rows])
             for rows in random.integers(0, len(y), (300, len(y)))]
    assert low < score(metric, y, probabilities, predicted) < high
    assert high - low == pytest.approx(2 * 1.96 * np.std(draws), rel=0.2)


def test_an_interval_is_the_same_every_time(candidate):
    evidence = candidate()
    once, again = (interval("f1", evidence.y, evidence.probabilities, evidence.predicted) for _ in range(2))
    assert once == again


def test_an_unknown_metric_is_an_error():
    with pytest.raises(ValueError, match="no such metric: 'gini'"):
        score("gini", [0, 1], None, [0, 1])
