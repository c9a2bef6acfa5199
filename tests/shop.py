"""A small shop that brings its own table: who bought, by two numbers and a colour."""

import numpy as np
import pandas as pd
import yaml

COLUMNS = [{"name": "price", "kind": "number", "range": [-10, 10]},
           {"name": "visits", "kind": "number", "range": [-10, 10]},
           {"name": "colour", "kind": "category", "categories": ["amber", "blue", "cyan"]}]
SPEC = {"name": "shop", "data": {"source": {"csv": "../../shop.csv"}, "key": ["order"], "holdout": {"share": 0.3}},
        "columns": COLUMNS, "target": {"column": "bought", "classes": ["no", "yes"]},
        "algorithms": {"logistic_regression": {}}}


def orders(rows=600, *, seed=0, noise=0.0, first=0, factor=1.0):
    """Return a table whose answer follows from price, visits and colour, but for a share `noise` of coin flips.

    first : number of the first order; tables that overlap in it have orders in common. factor : of every price.
    """
    draw = np.random.default_rng(seed)
    price, visits = (draw.normal(size=rows) * factor).clip(-10, 10).round(3), draw.normal(size=rows).round(3)
    colour = draw.choice(["amber", "blue", "cyan"], rows)
    bought = price + visits / 3 + (colour == "amber") / 2 > 0.2
    bought = np.where(draw.random(rows) < noise, draw.random(rows) < 0.5, bought)
    return pd.DataFrame({"order": np.arange(first, first + rows), "price": price, "visits": visits, "colour": colour,
                         "bought": np.where(bought, "yes", "no")})


def spec(**changes):
    """Return a model.yaml's mapping with top-level parts replaced."""
    return {**SPEC, **changes}


def write_model(root, document=SPEC, features=None):
    """Write models/NAME/model.yaml under `root`, and features.py if there are any; return its folder."""
    folder = root / "models" / document["name"]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.yaml").write_text(yaml.safe_dump(document, sort_keys=False, allow_unicode=True), encoding="utf-8")
    (folder / "features.py").unlink(missing_ok=True)
    if features is not None:
        (folder / "features.py").write_text(features, encoding="utf-8")
    return folder
