"""Which rows judge: the newest days, or a share chosen by a stable hash, so that no row changes sides."""

from dataclasses import asdict, dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from headgate.data.hashing import hash_rows
from headgate.errors import AsOfError, SpecError

DAYS = 30
SHARE = 0.2


@dataclass(frozen=True)
class HoldoutRule:
    """How a training split its rows, small enough to be kept with the version.

    kind : "time" or "hash".
    start, end : for time, ISO days; the holdout is start <= time < end.
    share : for hash, the share of rows held out.
    columns : for hash, the columns hashed: the key, or the model's columns.
    keyed : for hash, whether those are the key.
    """

    kind: str
    start: str | None = None
    end: str | None = None
    share: float | None = None
    columns: tuple = ()
    keyed: bool = False

    def to_dict(self):
        return {**asdict(self), "columns": list(self.columns)}

    @classmethod
    def from_dict(cls, values):
        return cls(**{**values, "columns": tuple(values.get("columns", ()))})

    def holdout_mask(self, frame, spec):
        """Return a mask (n,) of the typed rows that judge."""
        if self.kind == "hash":
            return self._hashed(frame)
        return self.unseen_mask(frame, spec) & (frame[spec.data.time_column] < pd.Timestamp(self.end)).to_numpy()

    def unseen_mask(self, frame, spec):
        """Return a mask (n,) of the typed rows that no training under this rule has learnt from.

        All false where the table no longer has the columns to tell.
        """
        if self.kind == "time":
            time = spec.data.time_column
            return (frame[time] >= pd.Timestamp(self.start)).to_numpy() if time in frame \
                else np.zeros(len(frame), dtype=bool)
        return self._hashed(frame)

    def _hashed(self, frame):
        if any(name not in frame for name in self.columns):
            return np.zeros(len(frame), dtype=bool)
        hashes = hash_rows(frame, self.columns, as_text=self.keyed)
        return (hashes >> np.uint64(11)) < np.uint64(round(self.share * 2 ** 53))


def holdout_rule(spec, as_of):
    """Return the rule of a spec on a day (None for a model without a time column).

    Raises SpecError for a model with a time column and no day.
    """
    data = spec.data
    if data.time_column is None:
        return HoldoutRule("hash", share=data.holdout.share or SHARE,
                           columns=tuple(data.key or spec.column_names), keyed=bool(data.key))
    if as_of is None:
        raise SpecError(f"Model {spec.name} has a time column: its holdout needs a day.", limit="as_of")
    day = as_of if isinstance(as_of, date) else date.fromisoformat(as_of)
    start = day - timedelta(days=data.holdout.days or DAYS)
    return HoldoutRule("time", start=start.isoformat(), end=day.isoformat())


def checked_holdout_mask(frame, spec, rule):
    """Return rule.holdout_mask, or raise AsOfError when no row is left to judge or to train on."""
    mask = rule.holdout_mask(frame, spec)
    where = f"from {rule.start} to before {rule.end}" if rule.kind == "time" else f"a share of {rule.share} by hash"
    if not mask.any():
        raise AsOfError(f"The holdout has no rows ({where}), so nothing could judge the model.",
                        value=_span(frame, spec, rule),
                        remedy="Choose another as_of, or a longer data.holdout." if rule.kind == "time" else
                               "Bring more rows, or a larger data.holdout.share.")
    if mask.all():
        raise AsOfError(f"Every row is in the holdout ({where}), so none is left to train on.",
                        value=_span(frame, spec, rule), remedy="Choose a smaller data.holdout.")
    return mask


def _span(frame, spec, rule):
    if rule.kind == "hash":
        return f"{len(frame)} rows"
    times = frame[spec.data.time_column]
    return f"{len(frame)} rows from {times.min()} to {times.max()}"
