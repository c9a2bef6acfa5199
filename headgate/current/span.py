"""A stretch of time, as the wall clock of the model's zone tells it."""

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from headgate.data.clock import resolve_as_of, time_zone
from headgate.errors import SpecError

DAY = 86_400_000    # milliseconds


@dataclass(frozen=True)
class Span:
    """From `start` to before `end`, days; None is open."""

    start: date | None = None
    end: date | None = None

    @property
    def empty(self):
        return self.start is not None and self.end is not None and self.start >= self.end

    @property
    def open(self):
        return self.start is None and self.end is None

    def mask(self, times):
        """Return a mask (n,) of a datetime64 series; a missing time is outside, unless the span is open."""
        if self.open:
            return np.ones(len(times), dtype=bool)
        inside = times.notna().to_numpy()
        if self.start is not None:
            inside = inside & (times >= pd.Timestamp(self.start)).to_numpy()
        if self.end is not None:
            inside = inside & (times < pd.Timestamp(self.end)).to_numpy()
        return inside

    def __str__(self):
        start = f"from {self.start}" if self.start else ""
        end = f"to before {self.end}" if self.end and self.start else f"before {self.end}" if self.end else ""
        return f"{start} {end}".strip()


def source_span(champion, *, since=None, as_of=None, window=True):
    """Return the Span of source rows that are newer than the champion's training; open without a time column.

    since : day that replaces the window's start, but never reaches back into the training. as_of : day that replaces
    the spec's. window : only rows of the spec's drift.window_days.
    """
    spec, day = champion.spec, resolve_as_of(champion.spec, as_of)
    if day is None:
        if since is not None:
            raise SpecError(f"Model {spec.name} has no data.time_column, so no row is known to be newer than a day.",
                            value=since, remedy="Leave --since out, or name the time column in model.yaml.")
        return Span()
    starts = [one for one in (champion.as_of, since or (window and _window_start(spec, day))) if one]
    return Span(max(starts, default=None), day)


def log_span(champion, *, now, since=None, as_of=None):
    """Return (Span of the rows' own times, milliseconds since 1970 from which they were answered).

    now : milliseconds. Without since and as_of it is the clock that counts: what was answered within the window.
    """
    spec, days = champion.spec, champion.spec.drift.window_days
    if since is None and as_of is None:
        return Span(), 0 if days is None else now - days * DAY
    return Span(since or _window_start(spec, as_of), as_of), 0


def wall_clock(milliseconds, spec):
    """Return a datetime64[us] series of the wall clock in the spec's zone."""
    times = pd.Series(pd.to_datetime(np.asarray(milliseconds, dtype="int64"), unit="ms", utc=True))
    return times.dt.tz_convert(time_zone(spec)).dt.tz_localize(None).astype("datetime64[us]")


def as_day(value, option):
    """Return a date of "YYYY-MM-DD", or None; SpecError names the option."""
    try:
        return value if value is None or isinstance(value, date) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SpecError(f"{option} is no day.", value=repr(value), limit="YYYY-MM-DD, such as 2013-11-01") from None


def _window_start(spec, day):
    days = spec.drift.window_days
    return day - timedelta(days=days) if days is not None and day is not None else None
