"""Choosing by cross-validation, and the golden rows that every server must reproduce."""

import itertools
import json
import math

import numpy as np

from headgate.spec import ModelSpec
from headgate.training.golden import golden_columns, to_json
from headgate.training.reference import column_statistics, sample_rows
from headgate.training.score import choose, fold_count, fold_floor
from headgate.training.values import Scored

NAN = float("nan")
SPEC = {"name": "shop", "data": {"source": {"csv": "shop.csv"}}, "algorithms": ["xgboost"],
        "columns": [{"name": "price", "kind": "number", "nullable": True}, {"name": "visits", "kind": "integer"},
                    {"name": "member", "kind": "boolean", "nullable": True},
                    {"name": "since", "kind": "datetime", "nullable": True},
                    {"name": "colour", "kind": "category", "categories": ["amber", "blue"], "nullable": True,
                     "unknown": "treat_as_unknown"},
                    {"name": "size", "kind": "category", "categories": ["s", "m"]}],
        "target": {"column": "bought", "classes": ["no", "yes"]}}


def scored(name, *folds):
    return Scored(name, {}, folds, 0.0)


def spec(**changes):
    return ModelSpec.model_validate({**SPEC, **changes})


def columns(rows=50):
    draw = np.random.default_rng(0)
    return {"price": draw.normal(size=rows), "visits": draw.integers(0, 9, rows).astype(float),
            "member": (draw.random(rows) < 0.5) * 1.0, "since": draw.uniform(0, 1e9, rows).round(),
            "colour": draw.choice(np.array(["amber", "blue"], dtype=object), rows),
            "size": draw.choice(np.array(["s", "m"], dtype=object), rows)}


def test_the_best_mean_is_chosen():
    assert choose([scored("a", 0.8, 0.9), scored("b", 0.9, 0.9), scored("c", 0.99, 0.7)]).algorithm == "b"


def test_the_first_named_wins_a_tie():
    tied = [scored("a", 0.9, 0.9), scored("b", 0.9, 0.9), scored("c", 0.9, 0.9)]
    for order in itertools.permutations(tied):
        assert choose(order) is order[0]


def test_nan_never_wins_and_no_folds_are_nan():
    assert math.isnan(scored("a").mean) and math.isnan(scored("a", 0.9, NAN).mean)
    low, unknown = scored("low", 0.0), scored("unknown", NAN, 0.99)
    for order in itertools.permutations([low, unknown, scored("none")]):
        assert choose(order) is low
    assert choose([unknown, scored("none")]) is unknown, "one must be judged, and the gates will fail it"


def test_folds_and_their_floor_are_those_of_the_gates():
    assert fold_count(spec()) == 3 and fold_floor(spec()) == 0.90 - 0.02
    stated = spec(gates=[{"gate": "cross_validation", "folds": 5, "margin": 0.1},
                         {"gate": "accuracy", "at_least": 0.7}])
    assert fold_count(stated) == 5 and math.isclose(fold_floor(stated), 0.6)
    assert fold_count(spec(gates=[])) == 3 and fold_floor(spec(gates=[])) is None


def test_golden_rows_hold_nulls_unseen_categories_and_the_edges_of_every_column():
    given = columns()
    golden = golden_columns(spec(), given, seed=0)
    assert set(golden) == set(given) and len({len(values) for values in golden.values()}) == 1
    assert 24 < len(golden["price"]) < 50
    for name in ("price", "since"):
        assert np.isnan(golden[name]).any()
        assert np.nanmin(golden[name]) == given[name].min() and np.nanmax(golden[name]) == given[name].max()
    assert np.isnan(golden["member"]).any() and not np.isnan(golden["visits"]).any()
    assert golden["visits"].min() == given["visits"].min() and golden["visits"].max() == given["visits"].max()
    assert {"", "never seen before"} <= set(golden["colour"]), "a null and a category never listed"
    assert set(golden["size"]) <= {"s", "m"}, "where neither is allowed there is neither"


def test_golden_rows_hold_every_slice_that_is_judged():
    same = columns() | {"size": np.array(["s"] * len(columns()["size"]), dtype=object)}
    assert set(golden_columns(spec(), same, seed=0)["size"]) == {"s"}
    sliced = spec(slices=[{"column": "size"}, {"column": "member"}])
    golden = golden_columns(sliced, same, seed=0)
    assert set(golden["size"]) == {"s", "m"} and {0.0, 1.0} <= set(golden["member"])


def test_golden_rows_are_the_same_every_time_and_few_rows_or_no_value_are_enough():
    first, second = (json.dumps(to_json(golden_columns(spec(), columns(), seed=3), np.ones((1, 2)), tolerance=1e-4))
                     for _ in range(2))
    assert first == second
    lonely = columns(1) | {"price": np.array([NAN])}
    golden = golden_columns(spec(), lonely, seed=0)
    assert np.isnan(golden["price"]).all() and len(golden["price"]) > 1


def test_golden_rows_are_json_with_null_for_what_is_missing():
    document = to_json({"price": np.array([1.5, NAN]), "colour": np.array(["blue", ""], dtype=object)},
                       np.array([[0.25, 0.75], [1, 0]]), tolerance=1e-4)
    assert json.loads(json.dumps(document, allow_nan=False)) == {
        "columns": {"price": [1.5, None], "colour": ["blue", None]}, "probabilities": [[0.25, 0.75], [1, 0]],
        "tolerance": 1e-4}


def test_the_reference_is_a_bounded_sample_in_order_with_statistics_of_every_column():
    import pandas as pd
    frame = pd.DataFrame({"price": [1.0, NAN, 3.0, 5.0], "visits": [1.0, 2.0, 3.0, 4.0], "member": [0.0, 1.0, 1.0, 1.0],
                          "since": pd.to_datetime(["2026-01-02", None, "2026-01-01", "2026-01-03"]),
                          "colour": ["amber", "amber", None, "blue"], "size": ["s", "s", "s", "m"]})
    assert sample_rows(frame, seed=0, rows=4) is frame
    few = sample_rows(frame, seed=0, rows=2)
    assert len(few) == 2 and few.index.is_monotonic_increasing and few.equals(sample_rows(frame, seed=0, rows=2))
    found = column_statistics(spec(), frame)
    assert found["rows"] == 4 and list(found["columns"]) == list(frame.columns)
    assert found["columns"]["price"]["null_share"] == 0.25 and found["columns"]["price"]["mean"] == 3.0
    assert len(found["columns"]["price"]["quantiles"]) == 21
    assert found["columns"]["colour"]["counts"] == {"amber": 2, "blue": 1}
    assert found["columns"]["since"]["first"].startswith("2026-01-01")
    json.dumps(found, allow_nan=False)
    empty = column_statistics(spec(), frame.assign(price=NAN))["columns"]["price"]
    assert empty == {"null_share": 1.0}, "a column without a value has no quantiles"
