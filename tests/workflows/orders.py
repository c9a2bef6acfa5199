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


def dated_table(months, *, shift=0.0):
    """Return a CSV with 600 orders in each of the first `months` months of 2026, prices of the last one shifted.

    The answer is the price's and visits' as ever, so that a shift is drift and costs no accuracy by itself.
    """
    frame = shop.orders(rows=600 * months, seed=5)
    day = pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(len(frame)) * 28 * 24 * 60 // 600, "min")
    frame["at"] = day
    last = frame["order"] >= 600 * (months - 1)
    frame.loc[last, "price"] = (frame.loc[last, "price"] + shift).clip(-10, 10).round(3)
    return frame.to_csv(index=False)
