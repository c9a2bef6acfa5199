"""Boats that come into a harbour: a column of every kind, with and without nulls, ranges and unknown categories."""

from headgate.spec import ModelSpec

COLUMNS = [
    {"name": "length", "kind": "number", "range": [2, 80], "unit": "m"},
    {"name": "crew", "kind": "integer", "range": [0, 40], "nullable": True},
    {"name": "sail", "kind": "boolean"},
    {"name": "flag", "kind": "category", "categories": ["NO", "DK", "1"]},
    {"name": "home", "kind": "category", "categories": ["Oslo", "Skagen"], "unknown": "treat_as_unknown",
     "nullable": True},
    {"name": "left", "kind": "datetime", "nullable": True},
]
GOOD = {"length": 12.5, "crew": 3, "sail": True, "flag": "NO", "home": "Oslo", "left": "2024-01-01T10:00"}


def make_spec(**data):
    return ModelSpec.model_validate({
        "name": "harbour", "data": {"source": {"csv": "boats.csv"}, **data}, "columns": COLUMNS,
        "target": {"column": "late", "classes": ["no", "yes"], "labels": {"yes": "Comes late"}, "threshold": 0.25},
        "algorithms": ["logistic_regression"]})
