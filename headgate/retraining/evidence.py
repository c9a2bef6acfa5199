"""What turned out to be true since the champion was trained: newly labelled rows, and how it did on them."""

from dataclasses import dataclass

import numpy as np

from headgate.current.logged import logged_blocks
from headgate.current.newer import newer_blocks
from headgate.current.span import Span
from headgate.current.typed import typed_of
from headgate.data.clock import resolve_as_of
from headgate.data.labelled import row_hashes
from headgate.drift.predictions import Predictions


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
    """Return the NewLabels as of a day (the spec's own by default); a block of rows at a time is in memory.

    A row of the log counts as the champion answered it; one that another version answered is scored by the champion,
    where the log holds every column. A row of the source that the log holds too counts once.
    """
    scored, known = Predictions(champion), [np.empty(0, dtype=np.uint64)]
    logged, *of_log = _of_log(workspace, champion, scored, known, as_of)
    source, *of_source = _of_source(workspace, champion, scored, np.concatenate(known), as_of)
    return NewLabels(logged, source, *(left + right for left, right in zip(of_log, of_source)))


def _of_log(workspace, champion, scored, known, as_of):
    """Return (usable rows, judged, right) of the log, and add what tells them apart to `known`."""
    spec, total = champion.spec, np.zeros(3, dtype=np.int64)
    useful = spec.retraining.prediction_log and not any(column.private for column in spec.columns)
    span = Span(champion.as_of, resolve_as_of(spec, as_of))
    for block in logged_blocks(workspace, spec, newer_than=champion, span=span, labelled=True):
        frame = typed_of(spec, block.frame).frame
        predicted = scored.of_answers(block, frame)
        truth = np.array([_place(spec, label) for label in block.labels])
        judged = (predicted >= 0) & (truth >= 0)
        named = frame[list(spec.data.key)].notna().all(axis=1).sum() if useful else 0
        total += named, judged.sum(), (predicted == truth)[judged].sum()
        if useful:
            known.append(row_hashes(spec, frame))
    return total.tolist()


def _of_source(workspace, champion, scored, known, as_of):
    """Return (rows, judged, right) of the source without the rows in `known`."""
    spec, total = champion.spec, np.zeros(3, dtype=np.int64)
    for block in newer_blocks(workspace, champion, as_of=as_of, window=False):
        if spec.target.column not in block.frame:
            continue
        frame = block.frame[block.frame[spec.target.column].isin(spec.target.classes)]
        if len(known):
            frame = frame[~np.isin(row_hashes(spec, frame), known)]
        predicted = scored.of_rows(frame)
        truth = np.array([_place(spec, label) for label in frame[spec.target.column]], dtype=np.int64)
        judged = predicted >= 0
        total += len(frame), judged.sum(), (predicted == truth)[judged].sum()
    return total.tolist()


def _place(spec, label):
    return spec.target.classes.index(label) if label in spec.target.classes else -1
