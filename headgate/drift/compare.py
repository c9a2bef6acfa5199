"""Compare current rows with the rows that the champion was trained on."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.drift.bins import bins_of
from headgate.drift.gather import Gathered, gather
from headgate.drift.judge import held, judge, judge_column, judge_predictions
from headgate.drift.predictions import Predictions
from headgate.drift.values import Comparison
from headgate.drift.weights import weights_of
from headgate.validation.distribution import conversion_of

ALWAYS_MOVES = "a time always moves on"


@dataclass(frozen=True)
class Compared:
    """A Comparison with what a page needs of its rows.

    reference, current : typed frames, at most a few thousand rows each, with the class that was predicted for each row
    as int (n,) arrays beside them; None where the comparison was held.
    """

    comparison: Comparison
    gathered: Gathered
    reference: pd.DataFrame | None = None
    current: pd.DataFrame | None = None
    reference_classes: np.ndarray | None = None
    current_classes: np.ndarray | None = None


def compare(workspace, champion, asked):
    """Return the Compared rows that are `asked` for; too few of them are an answer too.

    Raises SourceError for rows that cannot be read or lack a column of the model.
    """
    reference, spec = champion.read_reference(), champion.spec
    bins = {column.name: bins_of(column, reference[column.name]) for column in spec.columns}
    found = gather(workspace, champion, bins, asked)
    few = held(found.tally.rows, len(reference), fewest=spec.drift.min_rows, origin=found.origin)
    if few is not None:
        return Compared(few, found)
    weights = weights_of(spec.column_names, champion.importance)
    judged = [_judged(one, reference, found.tally, spec.drift, weights) for one in found.tally.bins.values()]
    judged, times = _without_times(judged)
    scored = Predictions(champion)
    before, now = scored.of_rows(reference), scored.of_sample(found.tally.sample)
    moved = _moved(scored, before, now, spec)
    comparison = judge(judged, moved, spec.drift, weights, rows=found.tally.rows, reference_rows=len(reference),
                       left_out=times | found.left_out)
    return Compared(comparison, found, reference, found.tally.sample, before, now)


def _without_times(judged):
    """Return (columns that were compared, times with nothing to tell -> why they were not)."""
    quiet = {one.column: ALWAYS_MOVES for one in judged
             if one.kind == "datetime" and not one.drifted and not one.unreadable}
    return [one for one in judged if one.column not in quiet], quiet


def _judged(bins, reference, tally, limits, weights):
    column, counts = bins.column, tally.counts[bins.column.name]
    result = judge_column(bins, counts, limits, weight=weights.shares[column.name],
                          unreadable=tally.unreadable.get(column.name, 0))
    if not result.drifted or result.note or column.kind not in ("number", "integer"):
        return result
    way = conversion_of(reference[column.name].to_numpy(), tally.sample[column.name].to_numpy(),
                        whole=column.kind == "integer", over=limits.max_psi)
    if way is None:
        return result
    return judge_column(bins, counts, limits, weight=result.weight, unreadable=result.unreadable,
                        note=f"looks like the champion's training rows {way}: it seems to be in another unit")


def _moved(scored, before, now, spec):
    counts = scored.counts(before), scored.counts(now)
    if min(counts[0].sum(), counts[1].sum()) < spec.drift.min_rows:
        return None
    return judge_predictions(*counts, spec.drift, spec.target.classes)
