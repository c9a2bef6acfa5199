"""What turned out to be true since the champion was trained: newly labelled rows, and how it did on them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.current.logged import logged_blocks
from headgate.current.newer import known_rows, newer_blocks
from headgate.current.span import Span, wall_clock
from headgate.data.clock import resolve_as_of
from headgate.data.hashing import hash_rows
from headgate.data.labelled import row_hashes, row_names
from headgate.drift.predictions import Predictions
from headgate.retraining.learnable import fitting_mask, has_key, training_span, typed_rows

KINDS = {"row": np.uint64, "fits": bool, "judged": bool, "right": bool}


@dataclass(frozen=True)
class NewLabels:
    """Rows that the champion's training did not see and whose true class is known.

    logged, source : rows that a training could learn from: of the prediction log, and of the source without those.
    judged : how many the champion predicted, of which `right` rightly.
    """

    logged: int = 0
    source: int = 0
    judged: int = 0
    right: int = 0

    @property
    def rows(self):
        return self.logged + self.source

    @property
    def accuracy(self):
        """Share of the judged rows, None without any."""
        return self.right / self.judged if self.judged else None

    def to_dict(self):
        return {"logged": self.logged, "source": self.source, "rows": self.rows, "judged": self.judged,
                "accuracy": self.accuracy}


def new_labels(workspace, champion, *, as_of=None):
    """Return the NewLabels as of a day (the spec's own by default); of the source, a block at a time is in memory.

    New is what the champion did not learn, whenever it was answered and by whom. Several predictions of one row are
    one, the newest. A row of the log counts as the champion answered it; one that another version answered is scored by
    the champion, where the log holds every column. A row of the source that the log holds too counts once.
    """
    scored, spec = Predictions(champion), champion.spec
    span = _span(champion, resolve_as_of(spec, as_of))
    rows = _of_log(workspace, champion, scored, span)
    learnt, judged = rows.loc[rows["fits"], "row"].unique(), rows[rows["judged"]].drop_duplicates("row", keep="last")
    source, *of_source = _of_source(workspace, champion, scored, learnt, judged["row"].to_numpy(), span, as_of)
    return NewLabels(len(learnt), source, len(judged) + of_source[0], int(judged["right"].sum()) + of_source[1])


def _span(champion, day):
    """The rows that a training on that day may see and the champion's could not."""
    wanted = training_span(champion.spec, day)
    starts = [one for one in (champion.as_of, wanted.start) if one]
    return Span(max(starts, default=None), wanted.end)


def _of_log(workspace, champion, scored, span):
    """Return a frame of the labelled rows of the log that the champion did not learn, oldest first.

    row : what tells it from others. fits : a training would learn from it. judged, right : the champion predicted it.
    """
    spec = champion.spec
    learns = spec.retraining.prediction_log and not any(column.private for column in spec.columns)
    parts = [_block(champion, scored, block, learns)
             for block in logged_blocks(workspace, spec, champion=champion, span=span, labelled=True)]
    if not parts:
        return pd.DataFrame({name: np.empty(0, kind) for name, kind in KINDS.items()})
    rows = pd.concat(parts, ignore_index=True)
    return rows[~rows["row"].isin(known_rows(workspace, champion))]


def _block(champion, scored, block, learns):
    spec, rows = champion.spec, typed_rows(champion.spec, block)
    identity, named = _identity(spec, rows)
    predicted = scored.of_answers(block, rows)
    truth = np.array([_place(spec, label) for label in block.labels])
    fits = fitting_mask(spec, rows)[0] if learns else False
    found = pd.DataFrame({"row": identity, "fits": fits, "judged": (predicted >= 0) & (truth >= 0),
                          "right": predicted == truth})
    return found[named | _answered_since(champion, block)]


def _identity(spec, rows):
    """Return (uint64 (n,) of the row's name, or of all that was logged of it; mask (n,) of those with a name)."""
    values = hash_rows(rows, [name for name in spec.column_names if name in rows])
    if not set(row_names(spec)) <= set(rows):       # a private column is a part of the name
        return values, np.zeros(len(rows), dtype=bool)
    named = has_key(spec, rows)
    return np.where(named, row_hashes(spec, rows), values), named


def _answered_since(champion, block):
    """Mask (n,): of a row without a name only a time tells that it is new, its own or that of its answer."""
    if champion.spec.data.time_column is not None:
        return np.ones(len(block.times), dtype=bool)
    return block.own | (block.times >= wall_clock([champion.created], champion.spec)[0]).to_numpy()


def _of_source(workspace, champion, scored, learnt, judged, span, as_of):
    """Return (rows without those in `learnt`, judged ones without those in `judged`, right ones of these)."""
    spec, total = champion.spec, np.zeros(3, dtype=np.int64)
    for block in newer_blocks(workspace, champion, since=span.start, as_of=as_of, window=False):
        if spec.target.column not in block.frame:
            continue
        frame = block.frame[block.frame[spec.target.column].isin(spec.target.classes)]
        hashes = row_hashes(spec, frame) if len(learnt) or len(judged) else np.zeros(len(frame), np.uint64)
        predicted = scored.of_rows(frame)
        truth = np.array([_place(spec, label) for label in frame[spec.target.column]], dtype=np.int64)
        counts = (predicted >= 0) & ~np.isin(hashes, judged)
        total += (~np.isin(hashes, learnt)).sum(), counts.sum(), (predicted == truth)[counts].sum()
    return total.tolist()


def _place(spec, label):
    return spec.target.classes.index(label) if label in spec.target.classes else -1
