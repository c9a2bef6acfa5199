"""Teas of three kinds, from what was measured of a cup; every measure may be missing."""

import numpy as np
import pandas as pd

from headgate.spec import ModelSpec

SPEC = ModelSpec.model_validate({
    "name": "teas", "description": "Which tea is it?", "data": {"source": {"csv": "teas.csv"}},
    "columns": [{"name": "minutes", "kind": "number", "range": [0, 15], "unit": "min", "nullable": True},
                {"name": "colour", "kind": "number", "nullable": True},
                {"name": "leaves", "kind": "integer", "range": [1, 300], "nullable": True},
                {"name": "country", "kind": "category", "categories": ["China", "India", "Japan"], "nullable": True}],
    "target": {"column": "tea", "classes": ["black", "green", "white"]}, "algorithms": ["hist_gradient_boosting"]})


def table(rows=400, *, seed=0):
    draw = np.random.default_rng(seed)
    colour = draw.normal(size=rows)
    frame = pd.DataFrame({
        "minutes": draw.uniform(0, 15, rows).round(1), "colour": colour.round(3),
        "leaves": draw.integers(1, 301, rows).astype(float), "country": draw.choice(["China", "India", "Japan"], rows)})
    tea = np.digitize(colour + frame["minutes"] / 10 - 0.7, [-0.5, 0.5])
    frame["tea"] = np.array(["black", "green", "white"])[tea]
    for name in ("minutes", "colour", "leaves", "country"):
        frame.loc[draw.random(rows) < 0.1, name] = None
    return frame
