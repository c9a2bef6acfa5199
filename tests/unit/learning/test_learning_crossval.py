import numpy as np
import pandas as pd
import pytest

from headgate.errors import SpecError, TooFewRows
from headgate.learning.crossval import cross_validate, folds
from headgate.learning.parameters import settled
from headgate.learning.pipeline import fit_pipeline
from headgate.learning.search import is_searchable, search
from tests.unit.learning.voyages import features, make_spec, make_voyages

TIMED = {"time_column": "seen", "holdout": {"days": 3}}


def test_folds_by_time_test_only_rows_later_than_those_they_train_on():
    times = np.datetime64("2024-01-01", "us") + np.random.default_rng(0).integers(0, 40, 300) * np.timedelta64(1, "h")
    frame = pd.DataFrame({"seen": times, "outcome": "class 0"})

    pieces = folds(make_spec(data=TIMED), frame, 4)

    assert len(pieces) == 4
    for train, test in pieces:
        assert len(train) and len(test) and times[train].max() < times[test].min()
    sizes = [len(train) for train, _ in pieces]
    assert sizes == sorted(sizes) and len(set(sizes)) == 4
    assert sum(len(test) for _, test in pieces) + len(pieces[0][0]) == 300


@pytest.mark.parametrize("distinct, made", [(4, True), (3, False), (1, False), (0, False)])
def test_folds_by_time_need_enough_different_times(distinct, made):
    times = np.datetime64("2024-01-01", "us") + np.repeat(np.arange(distinct), 10) * np.timedelta64(1, "D")
    frame = pd.DataFrame({"seen": times, "outcome": "class 0"})

    if made:
        assert len(folds(make_spec(data=TIMED), frame, 3)) == 3
    else:
        with pytest.raises(TooFewRows, match="3 folds"):
            folds(make_spec(data=TIMED), frame, 3)


def test_folds_without_time_are_shuffled_stratified_and_cover_every_row_once():
    labels = np.array(["class 0"] * 90 + ["class 1"] * 9)
    pieces = folds(make_spec(), pd.DataFrame({"outcome": labels}), 3)

    assert np.array_equal(np.sort(np.concatenate([test for _, test in pieces])), np.arange(99))
    for train, test in pieces:
        assert len(np.intersect1d(train, test)) == 0 and len(train) + len(test) == 99
        assert (labels[test] == "class 1").sum() == 3
        assert (np.diff(test) != 1).any()
    assert all(np.array_equal(one[1], two[1])
               for one, two in zip(pieces, folds(make_spec(), pd.DataFrame({"outcome": labels}), 3)))


@pytest.mark.parametrize("rows, made", [(6, True), (5, False), (0, False)])
def test_folds_without_time_need_two_rows_each(rows, made):
    frame = pd.DataFrame({"outcome": np.array(["class 0"] * rows, dtype=object)})

    if made:
        assert len(folds(make_spec(), frame, 3)) == 3
    else:
        with pytest.raises(TooFewRows):
            folds(make_spec(), frame, 3)


def test_cross_validation_gives_the_accuracy_of_pipelines_fitted_fold_by_fold():
    spec = make_spec(target={"threshold": 0.3})
    columns, y = make_voyages(300)
    pieces = folds(spec, pd.DataFrame({"outcome": y.astype(str)}), 3)

    accuracies = cross_validate(spec, features(), "logistic_regression", {}, columns, y, pieces)

    for accuracy, (train, test) in zip(accuracies, pieces):
        part = {name: values[train] for name, values in columns.items()}
        pipeline = fit_pipeline(spec, features(), "logistic_regression", {}, part, y[train], spec.seed)
        positive = pipeline.probabilities({name: values[test] for name, values in columns.items()})[:, 1]
        assert accuracy == np.mean((positive >= 0.3) == y[test])


def test_cross_validation_of_a_fold_that_lacks_a_class_or_has_only_one():
    spec = make_spec(3)
    columns, y = make_voyages(90, 3)
    two_classes, one_class = np.flatnonzero(y < 2), np.flatnonzero(y == 1)

    accuracies = cross_validate(spec, None, "xgboost", {"n_estimators": 5}, columns, y,
                                ((two_classes, np.arange(90)), (one_class, np.arange(90))))

    assert 0.33 < accuracies[0] < 0.67 and accuracies[1] == pytest.approx(1 / 3)


@pytest.mark.parametrize("parameters, searched", [
    ({}, False), ({"C": 1.0}, False), ({"C": [1.0]}, False), ({"C": [1.0, 2.0]}, True),
    ({"C": {"low": 0.1, "high": 1.0}}, True), ({"hidden_layer_sizes": [[64, 32]]}, False)])
def test_lists_and_ranges_are_searchable(parameters, searched):
    assert is_searchable(parameters) is searched
    if searched:
        with pytest.raises(SpecError, match="single values"):
            settled("neural_net", parameters)


def searching(parameters, algorithm="logistic_regression", **budget):
    spec = make_spec(search=budget)
    columns, y = make_voyages(200)
    pieces = folds(spec, pd.DataFrame({"outcome": y.astype(str)}), 2)
    return search(spec, None, algorithm, parameters, columns, y, pieces)


def test_search_of_a_range_keeps_its_budget_and_its_seed():
    best, trials = searching({"C": {"low": 1e-4, "high": 10.0, "log": True}, "max_iter": 300}, trials=6)
    again, same = searching({"C": {"low": 1e-4, "high": 10.0, "log": True}, "max_iter": 300}, trials=6)

    assert len(trials) == 6 and best == again
    assert [one["parameters"] for one in trials] == [one["parameters"] for one in same]
    assert all(1e-4 <= one["parameters"]["C"] <= 10 and len(one["folds"]) == 2 for one in trials)
    assert max(one["accuracy"] for one in trials) == next(
        one["accuracy"] for one in trials if one["parameters"] == best)
    assert best["max_iter"] == 300


def test_search_of_few_choices_tries_each_once():
    best, trials = searching({"C": [1e-6, 0.1, 1.0], "fit_intercept": [True, False]}, trials=20)

    assert len(trials) == 6
    assert {(one["parameters"]["C"], one["parameters"]["fit_intercept"]) for one in trials} == {
        (c, intercept) for c in (1e-6, 0.1, 1.0) for intercept in (True, False)}
    assert best["C"] != 1e-6


def test_search_of_whole_numbers_stays_whole():
    _, trials = searching({"max_depth": {"low": 2, "high": 4}, "n_estimators": 3}, "random_forest", trials=4)

    assert {type(one["parameters"]["max_depth"]) for one in trials} == {int}
    assert all(2 <= one["parameters"]["max_depth"] <= 4 for one in trials)


def test_search_of_layers_takes_each_inner_list_as_one_choice():
    best, trials = searching({"hidden_layer_sizes": [[4], [4, 2]], "max_iter": 5}, "neural_net", trials=5)

    assert sorted(one["parameters"]["hidden_layer_sizes"] for one in trials) == [[[4]], [[4, 2]]]
    assert not is_searchable(best), "what was found can be fitted as it was recorded"


@pytest.mark.parametrize("parameters, said", [
    ({"CC": [1, 2]}, "'C'"), ({"C": {"low": 2, "high": 1}}, "smaller"), ({"C": {"low": 1}}, "low, high"),
    ({"C": {"low": 1, "high": 2, "step": 1}}, "low, high"), ({"C": {"low": 0, "high": 1, "log": True}}, "above 0"),
    ({"C": {"low": "a", "high": 1}}, "numbers"), ({"C": [], "tol": [1e-3, 1e-4]}, "empty")])
def test_search_over_what_is_no_range_is_refused(parameters, said):
    with pytest.raises(SpecError, match=said):
        searching(parameters, trials=2)


def test_search_starts_no_trial_after_its_minutes():
    _, trials = searching({"C": {"low": 0.1, "high": 10.0}}, trials=10_000, minutes=0.005)

    assert 1 <= len(trials) < 10_000
