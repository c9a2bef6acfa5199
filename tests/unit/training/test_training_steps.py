"""Which steps an edit reaches: the keys of the others stay as they were, in every process."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from headgate.data import Snapshot
from headgate.spec import ModelSpec
from headgate.training.job import Job
from headgate.training.values import ReadTable, Request, Scored
from headgate.workspace import Workspace
from tasks.caching import key_of
from tasks.candidates import cross_validate, fit
from tasks.table import read, snapshot_table, validate_table

COLUMNS = [{"name": "price", "kind": "number", "range": [0, 9]},
           {"name": "colour", "kind": "category", "categories": ["a", "b"]}]
SHOP = {"name": "shop", "data": {"source": {"csv": "shop.csv"}}, "columns": COLUMNS,
        "target": {"column": "bought", "classes": ["no", "yes"]},
        "algorithms": {"xgboost": {"max_depth": 3}, "random_forest": {}}}
SNAPSHOT = Snapshot("file:///shop.parquet", "d" * 64, 100)
SCORED = Scored("xgboost", {"max_depth": 3}, (0.9, 0.91, 0.92), 1.0)
REST = {"validate", "snapshot", "score xgboost", "score random_forest", "fit"}


def keys(folder, fingerprint="f", reference=None, **changes):
    """Return {step: key} of a run of the shop's spec with `changes`; the snapshot is taken to be the same."""
    spec = ModelSpec.model_validate({**SHOP, **changes})
    request = Request("shop", None, tuple(spec.algorithms), None, fingerprint, "key")
    job = Job(Workspace.from_environment({}, folder), spec, folder, request)
    found = {"read": read.cache_key_fn(None, {"job": job})}
    table = ReadTable(found["read"], request, 100, {}, "shop.csv")
    found["validate"] = validate_table.cache_key_fn(
        None, {"job": job, "table": table, "reference": "anywhere", "reference_digest": reference})
    found["snapshot"] = snapshot_table.cache_key_fn(None, {"job": job, "table": table})
    for name in spec.algorithms:
        inputs = {"job": job, "snapshot": SNAPSHOT, "algorithm": name}
        found[f"score {name}"] = cross_validate.cache_key_fn(None, inputs)
    found["fit"] = fit.cache_key_fn(None, {"job": job, "snapshot": SNAPSHOT, "scored": SCORED})
    return found


def changed(folder, **changes):
    before, after = keys(folder), keys(folder, **changes)
    assert set(before) == set(after)
    return {step for step in before if before[step] != after[step]}


def columns(**edited):
    return [{**COLUMNS[0], **edited}, COLUMNS[1]]


CASES = {
    "a limit of a gate": ({"gates": [{"gate": "accuracy", "at_least": 0.8}, {"gate": "slices", "at_least": 0.1}]},
                          set()),
    "no gates": ({"gates": []}, set()),
    "how it is rolled out": ({"rollout": {"bootstrap": False}}, set()),
    "what a person reads": ({"description": "A shop.", "columns": columns(description="In euro.", unit="EUR")}, set()),
    "a parameter of one algorithm": ({"algorithms": {"xgboost": {"max_depth": 4}, "random_forest": {}}},
                                     {"score xgboost"}),
    "the range of a column": ({"columns": columns(range=[0, 10])}, {"validate", "snapshot"}),
    "how much drift is allowed": ({"drift": {"max_psi": 0.3}}, {"validate", "snapshot"}),
    "how many rows there must be": ({"data": {**SHOP["data"], "min_rows": 50}}, {"validate", "snapshot"}),
    "the number of folds": ({"gates": [{"gate": "cross_validation", "folds": 4}]},
                            {"score xgboost", "score random_forest"}),
    "the tolerance of parity": ({"gates": [{"gate": "parity", "tolerance": 1e-3}]}, {"fit"}),
    "the seed": ({"seed": 1}, {"score xgboost", "score random_forest", "fit"}),
    "the budget of the search": ({"search": {"trials": 3}}, {"score xgboost", "score random_forest"}),
    "the holdout": ({"data": {**SHOP["data"], "holdout": {"share": 0.4}}}, REST),
    "the weight of a class": ({"target": {**SHOP["target"], "class_weight": "balanced"}}, REST),
    "nulls allowed": ({"columns": columns(nullable=True)}, REST),
    "one column fewer": ({"columns": COLUMNS[:1]}, REST | {"read"}),
    "another source": ({"data": {"source": {"csv": "other.csv"}}}, {"read", "validate", "snapshot"}),
    "other bytes in the source": ({"fingerprint": "g"}, {"read", "validate", "snapshot"}),
    "another champion": ({"reference": "e" * 64}, {"validate"}),
}


@pytest.mark.parametrize("case", CASES)
def test_an_edit_repeats_the_steps_it_reaches_and_no_other(tmp_path, case):
    changes, reached = CASES[case]
    assert changed(tmp_path, **changes) == reached


def test_engineered_features_reach_scoring_and_fitting(tmp_path):
    before = keys(tmp_path)
    (tmp_path / "features.py").write_text("def engineer_features(columns):\n    return {}\n", encoding="utf-8")
    after = keys(tmp_path)
    assert {step for step in before if before[step] != after[step]} == {"score xgboost", "score random_forest", "fit"}


def test_a_key_is_the_same_in_another_process():
    part = [date(2026, 1, 2), {"b": 1, "a": (2, 3)}]
    code = "from datetime import date; from tasks.caching import key_of;" \
           "print(key_of('score', [date(2026, 1, 2), {'a': [2, 3], 'b': 1}]))"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                            cwd=Path(__file__).resolve().parents[3])
    assert answer.stdout.strip() == key_of("score", part)
    assert key_of("fit", part) != key_of("score", part)
