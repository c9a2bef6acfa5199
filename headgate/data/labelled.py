"""Rows that are labelled elsewhere than in the source, added to its table."""

from pathlib import Path

import numpy as np
import pandas as pd

from headgate.data.hashing import hash_rows
from headgate.data.snapshots import Snapshot, read_snapshot
from headgate.data.times import to_wall_clock
from headgate.data.typed import class_column, coerce


def row_names(spec):
    """Return the columns that tell rows apart: the key, or else those of the model."""
    return tuple(spec.data.key) or spec.column_names


def row_hashes(spec, typed):
    """Return what tells the rows of a typed frame apart, uint64 (n,)."""
    return hash_rows(typed, row_names(spec), as_text=bool(spec.data.key))


def read_labelled(path):
    """Return the typed frame of labelled rows in a snapshot's file."""
    path = Path(path)
    return read_snapshot(Snapshot(path.resolve().as_uri(), path.stem, 0))


def add_labelled(frame, labelled, spec, zone):
    """Return (frame as read with the labelled rows below it, how many were added).

    labelled : typed frame that holds the target as a class. A row that the frame has with an answer stays as the frame
    has it, one that it has without an answer makes way. Without a key, rows are one that are equal in every column of
    the model.
    """
    if any(name not in frame for name in row_names(spec)):
        return frame, 0         # validation will name the column that is missing
    hashes, answered = _rows_of(frame, spec)
    others = row_hashes(spec, labelled)
    fresh = labelled[~np.isin(others, hashes[answered])]
    if not len(fresh):
        return frame, 0
    waiting = ~answered & np.isin(hashes, others)
    frame = frame[~waiting] if waiting.any() else frame
    times = {column.name for column in spec.columns if column.kind == "datetime"} | {spec.data.time_column}
    pairs = {name: _alike(frame[name], fresh[name], name in times, zone) if name in fresh else (frame[name], None)
             for name in frame}
    if spec.target.derive:
        pairs[class_column(spec)] = None, fresh[spec.target.column]
    whole = {name: _below(upper, lower, len(frame), len(fresh)) for name, (upper, lower) in pairs.items()}
    return pd.DataFrame(whole, copy=False), len(fresh)


def _rows_of(frame, spec):
    """Return (hash of each row of a frame as read, mask of those that have an answer)."""
    raw = spec.target.derive.column if spec.target.derive else spec.target.column
    wanted = [*row_names(spec), *([raw] if raw in frame else [])]
    typed = coerce(frame[list(dict.fromkeys(wanted))], spec).frame
    answered = typed[spec.target.column].notna().to_numpy() if raw in frame else np.ones(len(frame), dtype=bool)
    return row_hashes(spec, typed), answered


def _alike(upper, lower, time, zone):
    """Return both series, the second with its values written as in the first."""
    if time and pd.api.types.is_datetime64_any_dtype(upper.dtype):
        return to_wall_clock(upper, zone)[0], lower
    if time:
        return upper, lower.map(lambda value: value.isoformat(), na_action="ignore").astype("str")
    if pd.api.types.is_string_dtype(upper.dtype) and pd.api.types.is_numeric_dtype(lower.dtype):
        return upper, lower.map(lambda value: repr(value).removesuffix(".0"), na_action="ignore").astype("str")
    return upper, lower


def _below(upper, lower, above, below):
    if upper is None:
        upper = pd.Series([None] * above, dtype=lower.dtype)
    if lower is None:
        lower = pd.Series([None] * below, dtype=object).astype(_with_missing(upper.dtype))
    return pd.concat([upper.reset_index(drop=True), lower.reset_index(drop=True)], ignore_index=True)


def _with_missing(dtype):
    """Return a dtype that takes missing values beside those of `dtype`."""
    if pd.api.types.is_numeric_dtype(dtype):
        return "float64"
    return dtype if pd.api.types.is_string_dtype(dtype) or pd.api.types.is_datetime64_any_dtype(dtype) else object
