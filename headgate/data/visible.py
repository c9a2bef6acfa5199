"""Which rows of a table are rows of this model, and visible on the day it stands on."""

from datetime import timedelta

import numpy as np
import pandas as pd

from headgate.data.texts import factorize_text, match
from headgate.data.times import to_wall_clock
from headgate.data.typed import to_number
from headgate.errors import AsOfError, SourceError, SpecError


def keep(frame, rules):
    """Apply the keep rules in order; return (frame, {why: rows dropped}). A null meets no rule."""
    dropped = {}
    for rule in rules:
        if rule.column not in frame:
            raise SpecError(f"A keep rule needs the column {rule.column!r}, and the table has none.",
                            limit=", ".join(map(str, frame.columns[:20])))
        mask = _meets(frame[rule.column], rule)
        if not mask.all():
            dropped[rule.why] = dropped.get(rule.why, 0) + int((~mask).sum())
            frame = frame[mask]
    if not len(frame):
        raise SourceError("No row of the table meets the keep rules.", value=dropped,
                          remedy="Compare data.keep in model.yaml with the table.")
    return frame, dropped


def kept(frame, rules):
    """Return a mask (n,) of the rows that meet every rule whose column the frame has; also none of them may."""
    mask = np.ones(len(frame), dtype=bool)
    for rule in rules:
        if rule.column in frame:
            mask &= _meets(frame[rule.column], rule)
    return mask


def visible(frame, name, zone, as_of, window_days):
    """Drop rows from `as_of` on and rows before the window; rows without a time stay, for validation to see.

    Returns (frame, {why: rows dropped}). Raises SourceError when the column is no time, AsOfError when no row is left.
    """
    times, bad = to_wall_clock(frame[name], zone)
    present = int(frame[name].notna().sum())
    if not present or bad.sum() > present / 2:
        raise SourceError(f"The time column {name!r} is not a time.", value=_example(frame[name], bad),
                          limit="ISO 8601, such as 2013-10-31 or 2013-10-31T17:05:00Z",
                          remedy="Write it as year-month-day, or name another column as data.time_column.")
    late = (times >= pd.Timestamp(as_of)).to_numpy()
    early = np.zeros(len(frame), dtype=bool)
    if window_days is not None:
        early = (times < pd.Timestamp(as_of - timedelta(days=window_days))).to_numpy()
    _check_any_left(times, late | early, as_of, window_days)
    counts = {f"on or after {as_of}, the day the pipeline stands on": int(late.sum()),
              f"more than {window_days} days before {as_of}": int(early.sum())}
    hidden = late | early
    return frame if not hidden.any() else frame[~hidden], {why: rows for why, rows in counts.items() if rows}


def _check_any_left(times, hidden, as_of, window_days):
    if not (~hidden & times.notna().to_numpy()).any():
        raise AsOfError(f"No row is visible as of {as_of}"
                        + (f" within {window_days} days." if window_days else "."),
                        value=f"times from {times.min()} to {times.max()}",
                        remedy=f"Choose a day after {times.min():%Y-%m-%d}"
                        + (", or a longer data.window_days." if window_days else "."))


def _example(series, bad):
    return repr(series[bad].iloc[0]) if bad.any() else "only missing values"


def _meets(series, rule):
    mask = series.notna().to_numpy()
    if rule.one_of is not None:
        allowed = dict.fromkeys(str(item) for item in rule.one_of)
        codes, texts = factorize_text(series)
        mask = mask & np.array([match(text, allowed) in allowed for text in texts] + [False])[codes]
    if rule.at_least is None and rule.at_most is None:
        return mask
    values, bad = to_number(series)
    if bad.sum() > mask.sum() / 2:
        raise SourceError(f"The keep rule on {rule.column!r} compares it with a number, and it is none.",
                          value=_example(series, bad))
    low = -np.inf if rule.at_least is None else rule.at_least
    high = np.inf if rule.at_most is None else rule.at_most
    return mask & ((values >= low) & (values <= high)).to_numpy()
