import json
import math
import warnings

import numpy as np
import pytest

from headgate.evaluation import Evaluation, evaluate
from headgate.gates.intervals import wilson


def sorted_rows():
    """Ten rows of two classes, eight of them right at 0.5."""
    y = np.array([0, 0, 0, 0, 0, 1, 1, 1, 1, 1])
    positive = np.array([0.1, 0.2, 0.3, 0.4, 0.6, 0.4, 0.6, 0.7, 0.8, 0.9])
    return y, np.column_stack([1 - positive, positive])


def test_the_holdout_is_measured():
    found = evaluate(*sorted_rows(), ["no", "yes"], folds=(0.7, 0.9), importance={"a": 0.01, "b": 0.2})
    assert found.metrics["accuracy"] == 0.8
    assert found.metrics["recall"] == found.metrics["precision"] == pytest.approx(0.8)
    assert found.confusion == [[4, 1], [1, 4]]
    assert found.interval == pytest.approx(wilson(8, 10))
    assert list(found.importance) == ["b", "a"]
    assert found.folds == (0.7, 0.9)


def test_the_metrics_are_those_of_scikit_learn():
    from sklearn import metrics

    generator = np.random.default_rng(3)
    y, raw = generator.integers(0, 3, 400), generator.random((400, 3))
    raw[np.arange(400), y] += 0.5
    probabilities = raw / raw.sum(axis=1, keepdims=True)
    found, said = evaluate(y, probabilities, "abc").metrics, probabilities.argmax(axis=1)
    assert found["balanced_accuracy"] == pytest.approx(metrics.balanced_accuracy_score(y, said))
    assert found["f1"] == pytest.approx(metrics.f1_score(y, said, average="macro"))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(y, probabilities, multi_class="ovr"))
    assert found["log_loss"] == pytest.approx(metrics.log_loss(y, probabilities))


@pytest.mark.parametrize(("threshold", "hits"), [(0.6, 1), (0.6000001, 0), (0.5999999, 1)])
def test_a_row_at_the_threshold_is_positive(threshold, hits):
    found = evaluate(np.array([1]), np.array([[0.4, 0.6]]), ["no", "yes"], threshold=threshold)
    assert found.confusion[1][1] == hits


def test_three_classes_know_no_threshold():
    found = evaluate(np.array([2]), np.array([[0.3, 0.3, 0.4]]), ["a", "b", "c"], threshold=0.9)
    assert found.threshold is None
    assert found.confusion[2] == [0, 0, 1]


def test_slices_are_counted_by_value_and_missing_is_a_slice():
    labels = np.array(["x", "x", "y", "", None, float("nan"), "y", "y", "y", "y"], dtype=object)
    slices = evaluate(*sorted_rows(), ["no", "yes"], slices={"column": (labels, 0.75)}).slices
    assert [(piece["value"], piece["rows"], piece["accuracy"]) for piece in slices] == [
        ("", 3, 1 / 3), ("x", 2, 1.0), ("y", 5, 1.0)]
    assert slices[1]["interval"] == pytest.approx(wilson(2, 2))
    assert {piece["floor"] for piece in slices} == {0.75}


@pytest.mark.parametrize("classes", [["no", "yes"], ["a", "b", "c"]])
def test_an_empty_holdout_leaves_everything_open(classes):
    found = evaluate([], np.empty((0, len(classes))), classes, slices={"s": (np.array([]), None)})
    assert set(found.metrics.values()) == {None}
    assert (found.rows, found.interval, found.slices) == (0, None, [])
    assert np.sum(found.confusion) == 0


def test_a_probability_that_is_nan_leaves_every_score_open():
    y, probabilities = sorted_rows()
    probabilities[3] = math.nan
    found = evaluate(y, probabilities, ["no", "yes"], slices={"s": (np.array(["x"] * 10), None)})
    assert set(found.metrics.values()) == {None}
    assert (found.rows, found.interval, found.slices) == (10, None, [])
    assert found.curves == {"roc": [], "precision_recall": [], "calibration": []}


def test_one_class_in_the_holdout_has_an_accuracy_but_no_roc_auc_and_warns_nobody():
    y, probabilities = sorted_rows()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = evaluate(np.zeros_like(y), probabilities, ["no", "yes"])
    assert found.metrics["accuracy"] == 0.5
    assert found.metrics["roc_auc"] is None
    assert found.metrics["recall"] is None


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_fold_or_importance_that_is_no_number_becomes_null(value):
    found = evaluate(*sorted_rows(), ["no", "yes"], folds=(0.9, value), importance={"a": value, "b": 0.1})
    assert found.folds == (0.9, None)
    assert found.importance == {"b": 0.1, "a": None}


def test_it_survives_json():
    labels = np.array(list("xxxxxyyyyy"))
    found = evaluate(*sorted_rows(), ["no", "yes"], slices={"s": (labels, None)}, folds=(0.5,))
    stored = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert Evaluation.from_dict(stored) == found


def test_shapes_that_disagree_are_named():
    with pytest.raises(ValueError, match=r"\(1, 2\).*3 rows.*2 classes"):
        evaluate([0, 1, 1], [[0.5, 0.5]], ["no", "yes"])
