"""Times as naive wall clock of one zone."""

import re

import numpy as np
import pandas as pd

ISO = re.compile(r"(?!0000)\d{4}[-/]\d{2}[-/]\d{2}"
                 r"([T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?\s?(Z|[+-]\d{2}(:?\d{2})?)?)?")
FIRST, LAST = (pd.Timestamp(day, tz="UTC") for day in ("0001-01-02", "9999-12-30"))    # no zone leads out of them
AWARE = re.compile(r".*[T ]\d{2}.*(Z|[+-]\d{2}(:?\d{2})?)")


def to_wall_clock(series, zone):
    """Return (times, unconvertible): datetime64[us] of the wall clock in `zone`, and a mask (n,).

    A value with an offset (or Z) is converted to the zone; one without is taken as its wall clock. Only ISO 8601
    (2013-10-31, 2013-10-31 17:05, 2013/10/31) is a time: 03/04/2013 means two days, and a number could be anything.
    """
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _naive(series, zone), np.zeros(len(series), dtype=bool)
    present = series.notna().to_numpy()
    if pd.api.types.is_numeric_dtype(series.dtype):
        return pd.Series(pd.NaT, index=series.index, dtype="datetime64[us]"), present
    try:
        codes, uniques = pd.factorize(series)
    except TypeError:
        codes, uniques = pd.factorize(series.map(str, na_action="ignore"))
    parsed = _parse(uniques, zone)
    padded = np.append(parsed, np.datetime64("NaT", "us"))
    times = pd.Series(padded[codes], index=series.index)
    return times, present & times.isna().to_numpy() & _not_blank(codes, uniques)


def seconds(times):
    """Return float64 seconds since 1970-01-01 of the wall clock, NaN for missing; shape (n,)."""
    values = times.to_numpy().astype("datetime64[us]")
    result = values.astype("int64") / 1e6
    result[np.isnat(values)] = np.nan
    return result


def _naive(series, zone):
    if getattr(series.dtype, "tz", None) is not None:
        series = series.dt.tz_convert(zone).dt.tz_localize(None)
    return series.astype("datetime64[us]")


def _not_blank(codes, uniques):
    blank = [i for i, value in enumerate(uniques) if isinstance(value, str) and not value.strip()]
    return ~np.isin(codes, blank)


def _parse(uniques, zone):
    """Parse distinct values, each a text or a date, into a datetime64[us] array."""
    texts = [value.isoformat() if hasattr(value, "isoformat") else str(value).strip() for value in uniques]
    result = np.full(len(texts), np.datetime64("NaT", "us"))
    valid = np.array([ISO.fullmatch(text) is not None for text in texts], dtype=bool)
    aware = np.array([AWARE.fullmatch(text) is not None for text in texts], dtype=bool)
    for group, convert in ((valid & ~aware, False), (valid & aware, True)):
        if group.any():
            chosen = [text.replace("/", "-").replace(",", ".") for text, wanted in zip(texts, group) if wanted]
            times = pd.Series(pd.to_datetime(chosen, format="ISO8601", errors="coerce", utc=convert))
            result[group] = _naive(times.where(times.between(FIRST, LAST)) if convert else times, zone).to_numpy()
    return result
