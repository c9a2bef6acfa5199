"""The prediction log as frames, a block of rows at a time."""

from dataclasses import dataclass
from itertools import islice

import numpy as np
import pandas as pd

from headgate.current.span import wall_clock
from headgate.data.clock import time_zone
from headgate.data.times import to_wall_clock
from headgate.prediction_log import read_rows
from headgate.rows.identity import identity_columns

ROWS = 20_000


@dataclass(frozen=True)
class Logged:
    """Consecutive rows of the log.

    frame : raw values of the model's columns and of those that name a row; private ones are not logged and not here.
    times : datetime64[us] series (n,), the row's own time, or when it was answered where it has none.
    own : bool mask (n,), answered by the champion that was asked about.
    probabilities : float array (n, k) in the order of the classes. labels : the true class of each row, or None.
    """

    frame: pd.DataFrame
    times: pd.Series
    own: np.ndarray
    probabilities: np.ndarray
    labels: list

    def keep(self, mask):
        """Return the rows of a mask (n,)."""
        chosen = np.flatnonzero(mask)
        return Logged(self.frame.iloc[chosen].reset_index(drop=True), self.times.iloc[chosen].reset_index(drop=True),
                      self.own[chosen], self.probabilities[chosen], [self.labels[row] for row in chosen])


def logged_blocks(workspace, spec, *, champion=None, newer=False, since=0, span=None, labelled=False, rows=ROWS):
    """Yield the Logged rows of the model of `spec`, oldest first, in blocks of at most `rows`.

    champion : whose answers are `own`. newer : only those, and what anybody answered since it was registered.
    since : milliseconds, of the answer. span : Span of the rows' own times. labelled : only rows with a true label.
    Raises StorageError when the database is away.
    """
    found = read_rows(workspace, spec.name, since=since, labelled=labelled)
    own = champion.chosen.digest if champion else None
    if newer:
        found = (one for one in found if one.digest == own or one.at >= champion.created)
    while block := list(islice(found, rows)):
        logged = _block(spec, block, own)
        inside = span.mask(logged.times) if span is not None else np.ones(len(block), dtype=bool)
        if inside.any():
            yield logged if inside.all() else logged.keep(inside)


def logged_names(spec):
    """Return the names of the columns that the log may hold: those of the model and of a row's identity."""
    private = {column.name for column in spec.columns if column.private}
    return tuple(name for name in dict.fromkeys([*spec.column_names, *identity_columns(spec)]) if name not in private)


def _block(spec, rows, own):
    frame = pd.DataFrame({name: [row.inputs.get(name) for row in rows] for name in logged_names(spec)})
    shares = [[row.probabilities.get(name, np.nan) for name in spec.target.classes] for row in rows]
    return Logged(frame, _times(spec, frame, [row.at for row in rows]), np.array([row.digest == own for row in rows]),
                  np.array(shares, dtype=float), [row.label for row in rows])


def _times(spec, frame, at):
    answered, name = wall_clock(at, spec), spec.data.time_column
    if name is None or name not in frame:
        return answered
    own, _ = to_wall_clock(frame[name], time_zone(spec))
    return own.fillna(answered)
