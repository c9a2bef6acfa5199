"""The model of the team in which the workflows run: its spec and its table, as text of files."""

import numpy as np
import pandas as pd
import shop
import yaml

PLACE = "data/shop.csv"
MODEL = "models/shop/model.yaml"


def spec(**changes):
    """Return the text of its model.yaml, top-level parts replaced."""
    return yaml.safe_dump({**shop.SPEC, "data": {**shop.SPEC["data"], "source": {"csv": f"../../{PLACE}"}}, **changes})


def table(**wishes):
    """Return the text of its CSV."""
    return shop.orders(**wishes).to_csv(index=False)


def another(name):
    """Return the files of one more model with a table of its own."""
    data = {**shop.SPEC["data"], "source": {"csv": f"../../data/{name}.csv"}}
    return {f"models/{name}/model.yaml": spec(name=name, data=data), f"data/{name}.csv": table(seed=3)}


def spoilt():
    """Return a table with a price that no order can have."""
    frame = shop.orders()
    frame.loc[3, "price"] = 4711
    return frame.to_csv(index=False)


def dated_spec(as_of):
    """Return the spec of a table with a time, seen up to a day; drift and too low an accuracy are its reasons."""
    data = {"source": {"csv": f"../../{PLACE}"}, "key": ["order"], "time_column": "at", "as_of": as_of,
            "holdout": {"days": 7}, "min_rows": 50}
    upkeep = {"every_days": None, "new_rows_share": None, "cooldown_days": 0}
    return spec(data=data, retraining=upkeep)


def dated_table(months, *, stretch=1.0):
    """Return a CSV with 2,000 orders in each of the first `months` months of 2026, prices of the last one stretched.

    The answer follows from what the table shows, so that it is drift and costs no accuracy by itself.
    """
    rows, apart = 2000 * months, pd.Timedelta(days=28) / 2000
    factor = np.where(np.arange(rows) < rows - 2000, 1.0, stretch)
    frame = shop.orders(rows=rows, seed=5, factor=factor)
    frame["at"] = pd.Timestamp("2026-01-01") + np.arange(rows) * apart
    return frame.to_csv(index=False)
