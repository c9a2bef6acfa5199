"""Rows of a table, typed as the champion knows its columns, a block at a time."""

from dataclasses import dataclass, field

import pandas as pd

from headgate.data.blocks import read_blocks
from headgate.data.clock import time_zone
from headgate.data.times import to_wall_clock
from headgate.data.typed import coerce
from headgate.data.visible import kept
from headgate.errors import SourceError
from headgate.scoring.checking import check_there

ROWS = 65_536


@dataclass(frozen=True)
class Typed:
    """Rows as `coerce` types them.

    frame : index 0..n-1. unreadable : column -> cells that were none of the stated kind, and are missing in `frame`.
    source : the table, as a person may read it.
    """

    frame: pd.DataFrame
    unreadable: dict = field(default_factory=dict)
    source: str = ""


def typed_of(spec, frame, source=""):
    """Return the Typed rows of a raw frame."""
    coerced = coerce(frame, spec)
    return Typed(coerced.frame.reset_index(drop=True),
                 {name: int(mask.sum()) for name, mask in coerced.unconvertible.items()}, source)


def table_blocks(champion, span, *, data=None, rows=ROWS):
    """Yield the Typed rows of the source, or of the file `data`, that are rows of this model and lie in `span`.

    Memory does not grow with the table. Raises SourceError for a table that cannot be read, or that lacks a column of
    the model or the time that `span` needs.
    """
    spec, also = champion.spec, target_columns(champion.spec)
    if span.empty:
        return
    for block in read_blocks(spec, champion.home, rows=rows, data=data, also=also):
        check_there(spec, block)
        mask = kept(block.frame, spec.data.keep) & _inside(spec, block, span)
        frame = block.frame if mask.all() else block.frame[mask]
        if len(frame):
            yield typed_of(spec, frame, block.source)


def target_columns(spec):
    """Return the names of the columns that training needs and scoring does not."""
    return {rule.column for rule in spec.data.keep} | {
        spec.target.derive.column if spec.target.derive else spec.target.column}


def _inside(spec, block, span):
    name = spec.data.time_column
    if span.open:
        return True
    if name not in block.frame:
        raise SourceError(f"{block.source} has no time column {name!r}, so nobody can tell which rows are newer.",
                          limit=", ".join(map(str, block.names[:20])),
                          remedy="Bring the column, or leave --since and --as-of out.")
    times, _ = to_wall_clock(block.frame[name], time_zone(spec))
    return span.mask(times)
