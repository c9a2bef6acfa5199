"""A table as read becomes a typed frame: what each dtype is, and which cells could not be converted."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from headgate.data.clock import time_zone
from headgate.data.numerals import exact
from headgate.data.texts import factorize_text, match, text_series
from headgate.data.times import to_wall_clock

YES_NO = {"true": 1.0, "t": 1.0, "yes": 1.0, "y": 1.0, "1": 1.0, "false": 0.0, "f": 0.0, "no": 0.0, "n": 0.0, "0": 0.0}
STATED = "headgate: the class as it was told"     # of a row whose target would be derived from what it does not have


@dataclass(frozen=True)
class Coerced:
    """A typed frame and the cells that had a value which is none of the stated kind.

    frame : number, integer, boolean float64 (NaN missing); category `str`; datetime datetime64[us] wall clock; the
        target as class text; key columns as they came. Columns in the order of the spec, then time, target, keys.
    unconvertible : column -> bool mask (n,); such a cell is missing in `frame`. Only columns with any are named.
    missing : names of columns that the spec wants and the table does not have.
    """

    frame: pd.DataFrame
    unconvertible: dict = field(default_factory=dict)
    missing: tuple = ()


def coerce(frame, spec):
    """Type every column that the spec names; other columns are dropped. Never raises for a cell."""
    zone, done, bad = time_zone(spec), {}, {}
    for column in spec.columns:
        if column.name in frame:
            done[column.name], bad[column.name] = _column(frame[column.name], column, zone)
    time = spec.data.time_column
    if time is not None and time in frame:
        done[time], bad[time] = to_wall_clock(frame[time], zone)
    raw = spec.target.derive.column if spec.target.derive else spec.target.column
    if raw in frame:
        done[spec.target.column], bad[spec.target.column] = _target(frame[raw], spec.target)
    if STATED in frame:
        done[spec.target.column] = _stated(done.get(spec.target.column), frame[STATED], spec.target)
    for key in spec.data.key:
        if key in frame and key not in done:
            done[key] = _key(frame[key])
    wanted = dict.fromkeys([*spec.column_names, *([time] if time else []), raw, *spec.data.key])
    return Coerced(pd.DataFrame(done, index=frame.index, copy=False),
                   {name: mask for name, mask in bad.items() if mask.any()},
                   tuple(name for name in wanted if name not in frame))


def class_column(spec):
    """Return the name of the column in which a raw frame tells the class itself."""
    return STATED if spec.target.derive else spec.target.column


def to_number(series):
    """Return (float64 Series, unconvertible mask): text is parsed, infinities are no numbers."""
    present = series.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype="float64", na_value=np.nan)
    elif series.dtype == object or pd.api.types.is_string_dtype(series.dtype):
        values, present = _parsed(series, present)
    else:
        values = np.full(len(series), np.nan)
    infinite = np.isinf(values)
    if infinite.any():
        values = np.where(infinite, np.nan, values)
    return pd.Series(values, index=series.index, copy=False), present & np.isnan(values)


def _parsed(series, present):
    strange = series.map(_strange, na_action="ignore").eq(True) if series.dtype == object else None
    if strange is not None and strange.any():
        series = series.where(~strange, "not a number")
    values = exact(series, pd.to_numeric(series, errors="coerce").to_numpy(dtype="float64", na_value=np.nan))
    if present.all() and not np.isnan(values).any():
        return values, present
    blank = series.astype("str").str.strip().eq("").to_numpy()
    return values, present & ~blank


def _strange(value):
    """True for what pandas does not even try to read as a number."""
    return isinstance(value, (list, dict, tuple, np.ndarray)) or isinstance(value, bytes) and not value.isascii()


def _column(series, column, zone):
    if column.kind == "category":
        return _category(series, column.categories)
    if column.kind == "datetime":
        return to_wall_clock(series, zone)
    if column.kind == "boolean":
        return _boolean(series)
    values, bad = to_number(series)
    if column.kind == "integer":
        broken = (values % 1 != 0).to_numpy() & values.notna().to_numpy()
        if broken.any():
            return values.mask(broken), bad | broken
    return values, bad


def _boolean(series):
    if pd.api.types.is_numeric_dtype(series.dtype):
        values, bad = to_number(series)
        other = ~values.isin([0.0, 1.0]).to_numpy() & values.notna().to_numpy()
        return (values.mask(other), bad | other) if other.any() else (values, bad)
    codes, texts = factorize_text(series)
    numbers = [YES_NO.get(match(text, ("1", "0")).strip().lower(), np.nan) for text in texts]
    values = np.array([*numbers, np.nan])[codes]
    return pd.Series(values, index=series.index), np.isnan(values) & (codes >= 0)


def _category(series, categories, truth=False):
    codes, texts = factorize_text(series)
    allowed = dict.fromkeys(categories)
    matched = [match(text, allowed, truth) for text in texts]
    return text_series(codes, matched, series.index), np.zeros(len(series), dtype=bool)


def _target(series, target):
    if target.derive is None:
        return _category(series, target.classes, truth=True)
    values, bad = to_number(series)
    codes = np.where(values.isna(), -1, values >= target.derive.at_least).astype(int)
    return text_series(codes, target.classes, series.index), bad


def _stated(derived, series, target):
    """Return the class that is stated where none could be derived."""
    stated, _ = _category(series, target.classes, truth=True)
    return stated if derived is None else derived.where(derived.notna(), stated)


def _key(series):
    if series.dtype == object or isinstance(series.dtype, pd.CategoricalDtype):
        codes, texts = factorize_text(series)
        return text_series(codes, texts, series.index)
    return series
