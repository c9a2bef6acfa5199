"""Small specs and evaluations for the tests of reports."""

import numpy as np

from headgate.evaluation import evaluate
from headgate.spec import ModelSpec

HOSTILE = "<script>alert('x')</script>"


def make_evaluation(k=2, rows=400, *, one_class=False, seed=1):
    generator = np.random.default_rng(seed)
    y = np.zeros(rows, dtype=int) if one_class else generator.integers(0, k, rows)
    raw = generator.random((rows, k))
    raw[np.arange(rows), y] += 0.7
    classes = ["no", "yes"] if k == 2 else [f"class {index}" for index in range(k)]
    slices = {"town": (generator.choice(["Oslo", "Bergen", ""], rows), 0.8)}
    return evaluate(y, raw / raw.sum(axis=1, keepdims=True), classes, slices=slices,
                    folds=(0.81, 0.83), importance={"age": 0.2, "town": -0.001}).to_dict()


def make_spec(**changes):
    columns = [{"name": "age", "kind": "number", "unit": "years", "range": [0, 120], "description": "Age at entry"},
               {"name": "town", "kind": "category", "categories": ["Oslo", "Bergen"], "nullable": True,
                "unknown": "treat_as_unknown"}]
    return ModelSpec.model_validate({
        "name": "members", "description": "Will a member stay?", "columns": columns,
        "data": {"source": {"csv": "members.csv"}, "time_column": "seen", "as_of": "2024-03-01"},
        "target": {"column": "stays", "classes": ["no", "yes"], "labels": {"yes": "Stays a year"}},
        "algorithms": ["random_forest"], "slices": [{"column": "town"}], **changes})
