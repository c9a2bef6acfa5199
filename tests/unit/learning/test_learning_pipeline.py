import pickle

import numpy as np
import pytest
from pydantic import ValidationError

from headgate.errors import FeaturesError, HeadgateError, SpecError
from headgate.learning.algorithms import RECIPES, check_parameters
from headgate.learning.encoding import fit_encoding
from headgate.learning.pipeline import fit_pipeline, sample_weights
from headgate.learning.table import codes_of, to_matrix
from headgate.learning.trees import floor_float32, without_empty
from tests.unit.learning.voyages import features, make_spec, make_voyages

QUICK = {"hist_gradient_boosting": {"max_iter": 10}, "random_forest": {"n_estimators": 10}, "xgboost":
         {"n_estimators": 10}, "logistic_regression": {},
         "neural_net": {"hidden_layer_sizes": [[8]], "learning_rate_init": 0.02}}


@pytest.mark.parametrize("algorithm", RECIPES)
def test_one_seed_gives_one_pipeline(algorithm):
    columns, y = make_voyages(300)
    first, second = (fit_pipeline(make_spec(), features(), algorithm, QUICK[algorithm], columns, y, seed=7)
                     for _ in range(2))

    assert np.array_equal(first.probabilities(columns), second.probabilities(columns))
    assert np.array_equal(pickle.loads(pickle.dumps(first)).probabilities(columns), first.probabilities(columns))


@pytest.mark.parametrize("algorithm", RECIPES)
def test_weight_on_a_class_moves_answers_towards_it(algorithm):
    columns, y = make_voyages(400)
    y = np.where(np.arange(400) % 3 == 0, y, 0)

    plain, heavy = (fit_pipeline(make_spec(target=target), None, algorithm, QUICK[algorithm], columns, y, 0)
                    for target in ({}, {"class_weight": {"class 1": 25.0}}))

    assert heavy.probabilities(columns)[:, 1].mean() > plain.probabilities(columns)[:, 1].mean() + 0.02


def test_balanced_weights_give_each_class_that_occurs_the_same_total():
    target = make_spec(3, target={"class_weight": "balanced"}).target
    y = np.array([0] * 6 + [2] * 2)

    weights = sample_weights(target, y)

    assert weights[y == 0].sum() == pytest.approx(weights[y == 2].sum()) == pytest.approx(4.0)
    assert sample_weights(make_spec().target, y) is None


@pytest.mark.parametrize("weights", [{"class 0": -1.0}, {"class 0": float("nan")}, {"class 0": 0.0, "class 1": 0.0}])
def test_weights_that_are_no_weights_are_refused(weights):
    with pytest.raises(ValidationError, match="class_weight"):
        make_spec(target={"class_weight": weights})


@pytest.mark.parametrize("algorithm, name, meant", [
    ("hist_gradient_boosting", "max_iters", "max_iter"), ("random_forest", "n_estimator", "n_estimators"),
    ("logistic_regression", "c", None), ("xgboost", "max_dept", "max_depth"),
    ("neural_net", "hidden_layers", "hidden_layer_sizes"), ("hist_gradient_boosting", "categorical_features", None),
    ("xgboost", "booster", None), ("random_forest", "class_weight", None), ("xgboost", "tree_method", None)])
def test_unknown_or_reserved_parameter_is_named_with_the_nearest(algorithm, name, meant):
    with pytest.raises(SpecError) as caught:
        check_parameters(algorithm, {name: 1})

    assert repr(name) in str(caught.value)
    assert meant is None or f"Did you mean '{meant}'?" in str(caught.value)


@pytest.mark.parametrize("algorithm, parameters", [
    ("hist_gradient_boosting", {"max_iter": -5}), ("random_forest", {"max_depth": "deep"}),
    ("logistic_regression", {"C": -1}), ("xgboost", {"max_depth": "deep"}), ("xgboost", {"learning_rate": "fast"}),
    ("neural_net", {"activation": "sigmoidal"})])
def test_bad_value_of_a_parameter_is_named(algorithm, parameters):
    columns, y = make_voyages(60)
    name = next(iter(parameters))

    with pytest.raises(HeadgateError, match=name):
        fit_pipeline(make_spec(), None, algorithm, parameters, columns, y, 0)


def test_unknown_algorithm_is_refused_with_the_nearest():
    with pytest.raises(SpecError, match="Did you mean 'xgboost'"):
        check_parameters("xgbost", {})


@pytest.mark.parametrize("value", [np.inf, -np.inf, 1e300])
def test_infinity_in_training_is_refused_by_column(value):
    columns, y = make_voyages(60)
    columns["hull.length"][3] = value

    with pytest.raises(HeadgateError, match="hull.length"):
        fit_pipeline(make_spec(), None, "xgboost", {}, columns, y, 0)


def test_no_rows_are_refused():
    columns = {name: values[:0] for name, values in make_voyages(10)[0].items()}

    with pytest.raises(HeadgateError, match="no rows"):
        fit_pipeline(make_spec(), None, "random_forest", {}, columns, np.array([], dtype=int), 0)


def test_feature_called_like_a_calendar_part_is_refused():
    from headgate.learning.features import Features

    made = Features("def engineer_features(columns):\n    return {'label': columns['sails']}\n")
    with pytest.raises(FeaturesError, match="label"):
        to_matrix(make_spec(), made, make_voyages(10)[0])


def test_a_pipeline_answers_for_no_rows():
    columns, y = make_voyages(100)
    pipeline = fit_pipeline(make_spec(3), None, "random_forest", QUICK["random_forest"], columns, y, 0)

    assert pipeline.probabilities({name: values[:0] for name, values in columns.items()}).shape == (0, 3)


def test_matrix_holds_numbers_then_codes_with_unknown_and_missing_apart():
    spec = make_spec(names=("sails", "label"))
    matrix, layout = to_matrix(spec, None, {"sails": np.array([1.0, np.nan, 3.0, 4.0]),
                                            "label": np.array(["süd", "", "never", "north"], dtype=object)})

    assert layout.names == ("sails", "label") and matrix.dtype == np.float32
    assert np.array_equal(matrix, [[1, 1], [np.nan, np.nan], [3, 3], [4, 0]], equal_nan=True)


def test_one_hot_gives_unknown_no_column_and_missing_its_own():
    spec = make_spec(names=("hull.length", "label"))
    matrix, layout = to_matrix(spec, None, {"hull.length": np.array([1.0, 2.0, np.nan, 9.0]),
                                            "label": np.array(["süd", "", "never", "north"], dtype=object)})
    encoding = fit_encoding("one_hot", layout, matrix)

    encoded = encoding.encode(matrix).toarray()

    assert encoding.names == ("hull.length", "hull.length is missing", "label = north", "label = süd", "label = 1",
                              "label = missing")
    assert encoded[:, 1].tolist() == [0, 0, 1, 0]
    assert encoded[:, 2:].tolist() == [[0, 1, 0, 0], [0, 0, 0, 1], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert encoded[:, 0].mean() == pytest.approx(0, abs=1e-6) and encoded[:, 0].std() == pytest.approx(1, abs=1e-6)
    assert encoded[2, 0] == pytest.approx((2.0 - encoding.center[0]) / encoding.scale[0]), "the median stands in"


def test_filled_style_tells_which_numbers_and_categories_were_missing():
    spec = make_spec(names=("hull.length", "label"))
    matrix, layout = to_matrix(spec, None, {"hull.length": np.array([1.0, 2.0, np.nan, 9.0]),
                                            "label": np.array(["süd", "", "never", "north"], dtype=object)})

    encoded = fit_encoding("filled", layout, matrix).encode(matrix)

    assert encoded.tolist() == [[1, 0, 1], [2, 0, -1], [2, 1, 3], [9, 0, 0]]


def test_thresholds_are_rounded_down_to_the_next_float32():
    values = np.array([0.1, -0.1, 0.5, 1 + 1e-12, -1 - 1e-12, 1e-50, -1e-50, np.inf])

    rounded = floor_float32(values)

    assert (rounded.astype(float) <= values).all()
    assert (np.nextafter(rounded[:-1], np.float32(np.inf)).astype(float) > values[:-1]).all()


@pytest.mark.parametrize("values, subsampled, kept", [(0, False, False), (1, False, True), (19, True, False),
                                                      (20, True, True)])
def test_columns_too_empty_to_be_binned_become_constant(values, subsampled, kept):
    matrix = np.full((100, 2), np.nan, dtype=np.float32)
    matrix[:values, 1], matrix[:, 0] = 5.0, 1.0

    binned = without_empty(matrix, subsampled=subsampled)

    assert (binned[:, 1] == (0 if not kept else binned[:, 1])).sum() == (values if kept else 100)
    assert (binned[:, 0] == 1).all() and np.isnan(matrix[99, 1])


def test_a_null_that_a_model_server_writes_as_text_is_missing_but_a_category_of_that_name_is_not():
    codes = codes_of(("None", "amber", ""), -1)
    assert codes == {"None": 0, "amber": 1, "": -1, "nan": -1}
