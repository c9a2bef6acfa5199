"""Voyages of small boats: odd column names, every kind of column, nulls, and a category never listed."""

import numpy as np

from headgate.learning.features import Features
from headgate.spec import ModelSpec

FEATURES = '''
import math


def engineer_features(columns):
    wind, sails = columns["wind speed"], columns["sails"]
    xp = wind.__array_namespace__()
    turn = 2 * math.pi * columns["départ.heure.hour"] / 24
    return {
        "wind squared": wind * wind,
        "wind per sail": wind / (1.0 + xp.abs(sails)),
        "hour_sin": xp.sin(turn),
        "hour_cos": xp.cos(turn),
        "windy": xp.astype(wind > 0.5, xp.float64) + xp.astype(wind > 1.5, xp.float64),
    }
'''
COLUMNS = [
    {"name": "wind speed", "kind": "number"},
    {"name": "hull.length", "kind": "number", "nullable": True},
    {"name": "sails", "kind": "integer"},
    {"name": "motor", "kind": "boolean"},
    {"name": "départ.heure", "kind": "datetime", "nullable": True},
    {"name": "label", "kind": "category", "categories": ["north", "süd", "1"], "nullable": True,
     "unknown": "treat_as_unknown"},
]


def features():
    return Features(FEATURES, "models/voyages/features.py")


def make_spec(classes=2, names=None, data=None, target=None, **more):
    """A spec over the columns called `names` (all by default), with as many classes."""
    return ModelSpec.model_validate({
        "name": "voyages", "data": {"source": {"csv": "voyages.csv"}, **(data or {})},
        "columns": [column for column in COLUMNS if names is None or column["name"] in names],
        "target": {"column": "outcome", "classes": [f"class {number}" for number in range(classes)], **(target or {})},
        "algorithms": ["hist_gradient_boosting"], **more})


def make_voyages(rows=400, classes=2, seed=0, nulls=0.1):
    """Return (columns, y); every `label` among the listed ones, and one never listed."""
    draw = np.random.default_rng(seed)
    columns = {"wind speed": draw.normal(size=rows), "hull.length": draw.normal(size=rows) * 1000,
               "sails": draw.integers(0, 9, rows).astype(float), "motor": (draw.random(rows) < 0.5) * 1.0,
               "départ.heure": np.floor(draw.uniform(-1e9, 2e9, rows)),
               "label": draw.choice(np.array(["north", "süd", "1", "never listed"], dtype=object), rows)}
    score = columns["wind speed"] + columns["hull.length"] / 1000 * columns["motor"] + (columns["label"] == "süd")
    score += draw.normal(size=rows) * 0.2
    y = np.digitize(score, np.quantile(score, np.linspace(0, 1, classes + 1)[1:-1]))
    for name in ("hull.length", "départ.heure"):
        columns[name][draw.random(rows) < nulls] = np.nan
    columns["label"][draw.random(rows) < nulls] = ""
    return columns, y


def only(spec, columns):
    return {name: columns[name] for name in spec.column_names}
