"""The graph answers as the fitted pipeline does, for every algorithm and every kind of column."""

import numpy as np
import onnx
import onnxruntime
import pytest

from headgate.errors import GraphError
from headgate.graph.convert import build_graph
from headgate.graph.parity import compare
from headgate.graph.scorer import Scorer, classes
from headgate.learning.algorithms import RECIPES
from headgate.learning.features import Features
from headgate.learning.pipeline import fit_pipeline
from headgate.spec import ModelSpec
from tests.unit.learning.voyages import features, make_spec, make_voyages, only

SMALL = {"hist_gradient_boosting": {"max_iter": 20}, "random_forest": {"n_estimators": 15}, "xgboost":
         {"n_estimators": 20}, "logistic_regression": {},
         "neural_net": {"hidden_layer_sizes": [[8]], "learning_rate_init": 0.02}}


def fit(spec, algorithm, columns, y, made=None):
    return fit_pipeline(spec, made, algorithm, SMALL[algorithm], only(spec, columns), y, seed=3)


def assert_agree(pipeline, graph, spec, columns, tolerance=5e-6):
    expected = pipeline.probabilities(only(spec, columns))
    scorer = Scorer(graph)
    found = compare(expected, scorer.probabilities(columns), threshold=spec.target.threshold, tolerance=tolerance)
    assert (found.rows_over, found.flipped) == (0, 0), found
    assert np.array_equal(scorer.labels(columns), classes(scorer.probabilities(columns), spec.target.threshold))
    return found


@pytest.mark.parametrize("made", [None, features()], ids=["raw", "engineered"])
@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("algorithm", RECIPES)
def test_graph_agrees_on_nulls_unseen_categories_datetimes_and_odd_names(algorithm, count, made):
    spec = make_spec(count)
    columns, y = make_voyages(400, count)
    unseen, _ = make_voyages(1500, count, seed=9, nulls=0.3)

    pipeline = fit(spec, algorithm, columns, y, made)
    found = assert_agree(pipeline, build_graph(pipeline, spec), spec, unseen)

    assert found.rows == 1500
    accuracy = np.mean(classes(pipeline.probabilities(columns), 0.5) == y)
    assert accuracy > 0.7 if count == 2 else accuracy > 0.55


@pytest.mark.parametrize("names", [("wind speed",), ("label",), ("départ.heure",), ("motor", "label"),
                                   ("hull.length", "sails")], ids="+".join)
@pytest.mark.parametrize("algorithm", RECIPES)
def test_graph_agrees_on_any_mix_of_kinds(algorithm, names):
    spec = make_spec(2, names)
    columns, y = make_voyages(300)

    pipeline = fit(spec, algorithm, columns, y)

    graph = build_graph(pipeline, spec)
    assert_agree(pipeline, graph, spec, make_voyages(300, seed=4)[0])
    assert Scorer(graph).names == spec.column_names


@pytest.mark.parametrize("algorithm", RECIPES)
def test_graph_gives_a_class_absent_from_training_no_probability(algorithm):
    spec = make_spec(4)
    columns, y = make_voyages(300, 3)
    y = np.array([0, 1, 3])[y]

    pipeline = fit(spec, algorithm, columns, y)
    probabilities = Scorer(build_graph(pipeline, spec)).probabilities(columns)

    assert probabilities.shape == (300, 4)
    assert (probabilities[:, 2] == 0).all() and (probabilities[:, 3] > 0).any()
    assert_agree(pipeline, build_graph(pipeline, spec), spec, columns)


def test_graph_inputs_are_the_raw_columns_as_they_are_called():
    spec = make_spec()
    columns, y = make_voyages()
    graph = build_graph(fit(spec, "logistic_regression", columns, y, features()), spec)

    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])

    assert [one.name for one in session.get_inputs()] == list(spec.column_names)
    assert {one.name: one.type for one in session.get_inputs()}["label"] == "tensor(string)"
    assert [one.shape[1:] for one in session.get_inputs()] == [[1]] * len(spec.columns)
    assert [one.name for one in session.get_outputs()] == ["probabilities", "label_"]
    assert [one.type for one in session.get_outputs()] == ["tensor(float)", "tensor(int64)"]
    onnx.checker.check_model(onnx.load_from_string(graph), full_check=True)


def test_graph_can_be_loaded_with_columns_called_like_its_own_parts():
    names = ["probabilities", "matrix", "X", "Cast_0_output", "estimator/X", "input/0", "headgate/matrix", "label"]
    spec = ModelSpec.model_validate({
        "name": "odd", "data": {"source": {"csv": "odd.csv"}},
        "columns": [{"name": name, "kind": "number"} for name in names],
        "target": {"column": "y", "classes": ["a", "b"]}, "algorithms": ["random_forest"]})
    draw = np.random.default_rng(0)
    columns = {name: draw.normal(size=200) for name in names}

    pipeline = fit(spec, "random_forest", columns, (columns["X"] > 0).astype(int))

    assert_agree(pipeline, build_graph(pipeline, spec), spec, columns)


@pytest.mark.parametrize("threshold", [0.1, 0.5, 0.9])
def test_label_of_the_graph_respects_the_threshold(threshold):
    spec = make_spec(target={"threshold": threshold})
    columns, y = make_voyages()
    scorer = Scorer(build_graph(fit(spec, "logistic_regression", columns, y), spec))

    positive = scorer.probabilities(columns)[:, 1]

    assert np.array_equal(scorer.labels(columns), (positive >= threshold).astype(int))
    assert 0 < scorer.labels(columns).sum() < len(y)


@pytest.mark.parametrize("algorithm", RECIPES)
def test_column_without_any_value_does_not_stop_training(algorithm):
    spec = make_spec()
    columns, y = make_voyages()
    columns["hull.length"][:] = np.nan
    columns["label"][:] = ""

    pipeline = fit(spec, algorithm, columns, y, features())

    assert_agree(pipeline, build_graph(pipeline, spec), spec, make_voyages(seed=2)[0])


@pytest.mark.parametrize("algorithm", RECIPES)
def test_one_row_alone_scores_as_it_does_among_others(algorithm):
    spec = make_spec()
    columns, y = make_voyages()
    scorer = Scorer(build_graph(fit(spec, algorithm, columns, y, features()), spec))

    together = scorer.probabilities(columns)[:40]
    alone = np.concatenate([scorer.probabilities({name: values[[row]] for name, values in columns.items()})
                            for row in range(40)])

    assert np.abs(together - alone).max() < 1e-6


def test_training_on_one_class_has_no_graph():
    spec = make_spec()
    columns, y = make_voyages()
    pipeline = fit(spec, "xgboost", columns, np.zeros_like(y))

    assert (pipeline.probabilities(columns) == [1.0, 0.0]).all()
    with pytest.raises(GraphError, match="single class"):
        build_graph(pipeline, spec)


def test_values_that_sin_and_cos_only_nearly_equal_are_not_told_apart():
    spec = make_spec(names=("départ.heure",))
    seconds = np.arange(0, 86400 * 60, 3600.0)
    hour = np.mod(seconds / 3600, 24)
    y = (np.sin(np.pi * hour / 12).round(6) + np.cos(np.pi * hour / 12).round(6) > 0).astype(int)
    made = Features('''
import math
def engineer_features(columns):
    turn = 2 * math.pi * columns["départ.heure.hour"] / 24
    xp = turn.__array_namespace__()
    return {"sin": xp.sin(turn), "cos": xp.cos(turn), "sin again": xp.sin(turn * 3), "cos again": xp.cos(turn * 5)}
''')
    for algorithm in ("hist_gradient_boosting", "random_forest", "xgboost"):
        pipeline = fit(spec, algorithm, {"départ.heure": seconds}, y, made)
        assert_agree(pipeline, build_graph(pipeline, spec), spec, {"départ.heure": seconds})
