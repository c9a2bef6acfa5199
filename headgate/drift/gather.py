"""Count current rows, wherever they are, in the bins of the reference."""

import logging
from dataclasses import dataclass

import numpy as np

from headgate.current.logged import logged_blocks
from headgate.current.newer import newer_blocks
from headgate.current.span import Span, log_span, source_span
from headgate.current.typed import table_blocks, typed_of
from headgate.drift.tally import Tally

log = logging.getLogger(__name__)
PRIVATE = "it is private, so the prediction log does not hold it"


@dataclass(frozen=True)
class Gathered:
    """Current rows, counted. kind : "log", "source" or "data". origin : which rows those are, a phrase.

    left_out : column -> why it is not among them.
    """

    tally: Tally
    kind: str
    origin: str
    left_out: dict


def gather(workspace, champion, bins, asked):
    """Return the Gathered rows: those of the file, or of the prediction log if it has enough, else of the source."""
    if asked.data is not None:
        return _of_file(champion, bins, asked)
    fewest = champion.spec.drift.min_rows
    logged = _of_log(workspace, champion, bins, asked) if asked.current != "source" else None
    if asked.current == "log" or logged is not None and logged.tally.rows >= fewest:
        return logged
    found = _of_source(workspace, champion, bins, asked)
    if logged is None or found.tally.rows >= fewest:
        return found
    fuller = max(found, logged, key=lambda one: one.tally.rows)
    return Gathered(fuller.tally, fuller.kind, f"{logged.origin}, and {found.origin}", fuller.left_out)


def shares_of(classes):
    """Return the names under which a sample keeps the probabilities that were answered."""
    return [f"headgate probability of {name}" for name in classes]


def with_answers(frame, block, spec):
    """Return the typed rows of a Logged block with what the champion answered; NaN where another version did."""
    shares = np.where(block.own[:, None], block.probabilities, np.nan)
    return frame.assign(**dict(zip(shares_of(spec.target.classes), shares.T)))


def _of_file(champion, bins, asked):
    span = Span(asked.since, asked.as_of)
    tally, source = _count(champion, bins, table_blocks(champion, span, data=asked.data))
    within = "" if span.open else f" {span}"
    return Gathered(tally, "data", f"{source or asked.data} has {_rows(tally)}{within}", {})


def _of_source(workspace, champion, bins, asked):
    span = source_span(champion, since=asked.since, as_of=asked.as_of)
    tally, _ = _count(champion, bins, newer_blocks(workspace, champion, since=asked.since, as_of=asked.as_of))
    within = "that the champion's training did not see" if span.open else \
        f"that are newer than the champion's training ({span})" if not span.empty else \
        f"that are newer than the champion's training, which saw all before {span.start}: --as-of moves the day on " \
        f"which the pipeline stands ({span.end})"
    return Gathered(tally, "source", f"the source has {_rows(tally)} {within}", {})


def _of_log(workspace, champion, bins, asked):
    spec, (span, since) = champion.spec, log_span(champion, now=asked.now, since=asked.since, as_of=asked.as_of)
    left_out = {column.name: PRIVATE for column in spec.columns if column.private}
    tally = _tally({name: one for name, one in bins.items() if name not in left_out}, spec)
    for block in logged_blocks(workspace, spec, champion=champion, newer=True, since=since, span=span):
        typed = typed_of(spec, block.frame)
        tally.add(with_answers(typed.frame, block, spec), typed.unreadable)
    within = str(span) if not span.open else \
        f"of the last {spec.drift.window_days} days" if spec.drift.window_days else "since the champion's training"
    return Gathered(tally, "log", f"the prediction log has {_rows(tally)} {within}", left_out)


def _count(champion, bins, blocks):
    tally, source = _tally(bins, champion.spec), ""
    for block in blocks:
        tally.add(block.frame[list(champion.spec.column_names)], block.unreadable)
        source = block.source
    return tally, source


def _tally(bins, spec):
    return Tally(bins, seed=spec.seed)


def _rows(tally):
    return f"{tally.rows:,} {'row' if tally.rows == 1 else 'rows'}"
