"""Score a table of any size: read, check, one pass of the graph, write; only a few blocks are in memory."""

import logging
import time
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pyarrow as pa

from headgate.bundle import read_spec
from headgate.bundle.golden import check_golden
from headgate.data.blocks import read_blocks
from headgate.graph.decision import rounded
from headgate.graph.scorer import Scorer, classes
from headgate.scoring.answers import answer_table
from headgate.scoring.checking import bad_rows, check_block, check_there
from headgate.scoring.files import Predictions, Quarantine
from headgate.scoring.pipeline import cores, in_order
from headgate.scoring.request import refuse_existing
from headgate.scoring.values import Tally
from headgate.spec.sources import SqlSource

log = logging.getLogger(__name__)
ROWS = 65_536           # of a block; what the graph takes in one run
TELL_SECONDS = 5.0


@dataclass(frozen=True)
class Part:
    """One block, scored. table : answers (Arrow). bad : frame of rows put aside. The others are counts of rows."""

    rows: int
    table: pa.Table
    bad: object
    classes: np.ndarray
    wrong: dict
    unanswered: int
    source: str


def score_table(chosen, asked, *, rows=None, workers=None):
    """Score the table that is `asked` with the version `chosen`; return a Tally.

    rows : of a block. workers : threads; one for each core by default. Each runs the graph on a block of its own with
    one thread, which takes less time than one run with all of them.
    More bad rows than asked.max_bad_share, or no good one: then there is no output, and tally.output is None.
    Raises SourceError for a table that cannot be read or lacks a column, StorageError when a file cannot be written,
    BundleBroken for a graph that does not answer as it did when it was judged.
    """
    started, spec = time.monotonic(), read_spec(chosen.folder)
    scorer = Scorer(f"{chosen.folder}/model.onnx")
    check_golden(chosen.folder, scorer)
    score = partial(score_block, spec, scorer, chosen.version)
    blocks = read_blocks(spec, asked.folder, rows=rows or ROWS, data=asked.data, sql=_query(asked))
    with closing(blocks), Predictions(asked.output) as output, Quarantine(asked.quarantine) as aside:
        total = _Total(spec.target.classes)
        with closing(in_order(score, blocks, workers or cores())) as parts:
            for part in parts:
                output.write(part.table)
                aside.write(part.bad)
                total.add(part)
        quarantine = aside.keep()
        good = total.scored and total.bad <= asked.max_bad_share * total.rows
        if good:
            refuse_existing(asked)
            output.keep()
    return total.tally(str(asked.output) if good else None, quarantine, time.monotonic() - started)


def score_block(spec, scorer, version, block):
    """Check and score one Block; return a Part. Raises SourceError naming a column of the model that is not there."""
    check_there(spec, block)
    frame, identity = block.frame, block.identity
    checked, probabilities = _answered(scorer, check_block(frame, spec))
    bad, positions = checked.bad, frame.index.to_numpy()
    if bad.any():
        identity = {name: array.filter(pa.array(~bad)) for name, array in identity.items()}
        positions = positions[~bad]
    predicted = classes(probabilities, spec.target.threshold)
    table = answer_table(spec, version, positions, identity, probabilities, predicted)
    return Part(len(frame), table, bad_rows(frame, checked, spec) if bad.any() else (),
                np.bincount(predicted, minlength=len(spec.target.classes)),
                {name: int(mask.sum()) for name, mask in checked.wrong.items()},
                0 if checked.unanswered is None else int(checked.unanswered.sum()), block.source)


def _answered(scorer, checked):
    """Return (the Checked with rows that the graph has no answer to, probabilities (m, k) of all other good ones)."""
    good, arrays = ~checked.bad, checked.arrays
    if not good.all():
        arrays = {name: values[good] for name, values in arrays.items()}
    probabilities, lost = rounded(scorer.probabilities(arrays))
    if lost is None:
        return checked, probabilities
    unanswered = np.zeros(len(good), dtype=bool)
    unanswered[np.flatnonzero(good)[lost]] = True
    return replace(checked, unanswered=unanswered), probabilities[~lost]


def _query(asked):
    """Return what `read_blocks` takes for a query, or None."""
    return None if asked.sql is None else (SqlSource(url=asked.database, query=asked.sql), asked.started_in)


class _Total:
    """The sum of the parts so far, told every few seconds."""

    def __init__(self, names):
        self.names, self.rows, self.bad = names, 0, 0
        self.classes, self.wrong, self.source = np.zeros(len(names), dtype=np.int64), {}, ""
        self.unanswered = 0
        self._started = self._told = time.monotonic()

    @property
    def scored(self):
        return self.rows - self.bad

    def add(self, part):
        self.rows, self.bad, self.source = self.rows + part.rows, self.bad + len(part.bad), part.source
        self.classes, self.unanswered = self.classes + part.classes, self.unanswered + part.unanswered
        self.wrong = {name: self.wrong.get(name, 0) + part.wrong.get(name, 0) for name in {**self.wrong, **part.wrong}}
        now = time.monotonic()
        if now - self._told >= TELL_SECONDS:
            self._told = now
            log.info("%s rows so far, %s rows per second", f"{self.rows:,}",
                     f"{self.rows / (now - self._started):,.0f}")

    def tally(self, output, quarantine, seconds):
        return Tally(self.rows, self.scored, self.bad, dict(zip(self.names, self.classes.tolist())), dict(self.wrong),
                     self.unanswered, output, quarantine, self.source, seconds)
