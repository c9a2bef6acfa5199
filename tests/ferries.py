"""Ferries of a coast: will it leave late? Every kind of column, a zone, bins, a slice, keys, and what is private."""

import numpy as np
import pandas as pd

from headgate.spec import ModelSpec

FEATURES = '''
import math


def engineer_features(columns):
    wind, hour = columns["wind"], columns["leaves.hour"]
    xp = wind.__array_namespace__()
    turn = 2 * math.pi * hour / 24
    edges = xp.asarray((8, 17), dtype=xp.float64)
    return {
        "wind_squared": wind ** 2,
        "wind_bin": xp.sum(xp.astype(wind[..., None] >= edges, xp.float64), axis=-1),
        "hour_sin": xp.sin(turn),
        "gale_by_wind": columns["gale"] * wind,
    }
'''
COLUMNS = [
    {"name": "wind", "kind": "number", "range": [0, 40], "unit": "m/s", "description": "Mean of ten minutes"},
    {"name": "crew", "kind": "integer", "range": [0, 12], "nullable": True},
    {"name": "gale", "kind": "boolean", "nullable": True, "description": "Is a gale warned of?"},
    {"name": "leaves", "kind": "datetime", "nullable": True, "description": "As the timetable says"},
    {"name": "line", "kind": "category", "categories": ["Bergen", "Molde", "Ålesund"]},
    {"name": "cargo", "kind": "category", "categories": ["cars", "fish"], "nullable": True,
     "unknown": "treat_as_unknown"},
    {"name": "captain_age", "kind": "number", "range": [18, 90], "unit": "a", "private": True}]
SPEC = {"name": "ferries", "description": "Will the ferry leave late?",
        "data": {"source": {"csv": "ferries.csv"}, "key": ["ferry", "trip"], "time_column": "asked_at",
                 "time_zone": "Europe/Oslo"},
        "columns": COLUMNS, "slices": [{"column": "line"}],
        "target": {"column": "late", "classes": ["on time", "late"], "labels": {"late": "Leaves 5 minutes late"}},
        "algorithms": ["logistic_regression"]}
ROW = {"wind": 12.5, "crew": 4, "gale": False, "leaves": "2026-03-01T08:30:00", "line": "Bergen", "cargo": "fish",
       "captain_age": 51.0}


def spec(**changes):
    """Return the ModelSpec, top-level parts replaced."""
    return ModelSpec.model_validate({**SPEC, **changes})


def row(**changes):
    """Return a row as a client sends it."""
    return {**ROW, **changes}


def table(rows=600, *, seed=0):
    """Return a table of trips; the last trips late where there is wind and a gale, a tenth of some cells empty."""
    draw = np.random.default_rng(seed)
    frame = pd.DataFrame({
        "ferry": draw.choice(["Fjord", "Sund"], rows), "trip": np.arange(rows),
        "asked_at": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(rows), "h"),
        "wind": draw.uniform(0, 40, rows).round(1), "crew": draw.integers(0, 13, rows).astype(float),
        "gale": (draw.random(rows) < 0.5) * 1.0,
        "leaves": pd.Timestamp("2026-01-01") + pd.to_timedelta(draw.integers(0, 90_000, rows), "min"),
        "line": draw.choice(["Bergen", "Molde", "Ålesund"], rows), "cargo": draw.choice(["cars", "fish"], rows),
        "captain_age": draw.uniform(18, 90, rows).round()})
    score = frame["wind"] / 10 + frame["gale"] * 2 + (frame["line"] == "Molde") - frame["crew"] / 6
    frame["late"] = np.where(score + draw.normal(size=rows) * 0.3 > score.median(), "late", "on time")
    for name in ("crew", "gale", "leaves", "cargo"):
        frame.loc[draw.random(rows) < 0.1, name] = None
    return frame
