"""Which rows of a block may reach the model, and what is wrong with the others, in the words of the service."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.data.arrays import to_columns
from headgate.data.typed import coerce
from headgate.errors import SourceError
from headgate.graph.decision import NO_ANSWER
from headgate.rows.columns import refused
from headgate.rows.problem import outside
from headgate.scoring.answers import named_apart
from headgate.spec.explain import nearest


@dataclass(frozen=True)
class Checked:
    """A block, typed as in training.

    arrays : column -> array (n,) as the graph takes it; a cell that is wrong may hold anything.
    wrong : column -> bool mask (n,), of columns with any wrong cell.
    unanswered : bool mask (n,) of rows without one that the graph has no answer to, or None.
    """

    arrays: dict
    wrong: dict
    unanswered: np.ndarray | None = None

    @property
    def bad(self):
        """Mask (n,) of rows with any wrong cell, or without an answer."""
        masks = [*self.wrong.values(), *([] if self.unanswered is None else [self.unanswered])]
        return np.logical_or.reduce(masks) if masks else np.zeros(len(next(iter(self.arrays.values()))), dtype=bool)


def check_block(frame, spec):
    """Type and check the rows of a frame of raw types that has every column of the model; return a Checked."""
    coerced = coerce(frame[list(spec.column_names)], spec)
    arrays, wrong = to_columns(coerced.frame, spec), {}
    for column in spec.columns:
        mask = refused(column, arrays[column.name])
        if column.name in coerced.unconvertible:
            mask = mask | coerced.unconvertible[column.name]
        if mask.any():
            wrong[column.name] = mask
    return Checked(arrays, wrong)


def check_there(spec, block):
    """Raise SourceError naming a column of the model that a Block does not have, with the nearest name."""
    absent = [name for name in spec.column_names if name not in block.frame]
    if absent:
        raise SourceError(f"{block.source} has no column {absent[0]!r}, which the model needs"
                          + (f" (and {len(absent) - 1} more: {', '.join(absent[1:6])})." if len(absent) > 1 else "."),
                          value=", ".join(map(str, block.names[:20])),
                          remedy=nearest(absent[0], [str(one) for one in block.names if one not in spec.column_names])
                          or "Is it the right table? A column that holds nothing must be there, empty.")


def bad_rows(frame, checked, spec):
    """Return the bad rows of `frame` as they came, behind two columns: `row`, its position, and `reason`.

    A column of that name in the table stays, and ours gets the prefix "headgate ".
    """
    rows = np.flatnonzero(checked.bad)
    reasons = {row: [] for row in rows.tolist()}
    for name, mask in checked.wrong.items():
        column, places = spec.column(name), np.flatnonzero(mask)
        for row, value in zip(places.tolist(), frame[name].iloc[places].tolist()):
            reasons[row].append(outside(column, _cell(value)).message)
    if checked.unanswered is not None:
        for row in np.flatnonzero(checked.unanswered).tolist():
            reasons[row].append(f"The model has {NO_ANSWER}.")
    result = frame.iloc[rows].copy()
    for place, (name, values) in enumerate((("row", result.index.to_numpy()),
                                            ("reason", ["; ".join(texts) for texts in reasons.values()]))):
        result.insert(place, named_apart(name, result), values)
    return result


def _cell(value):
    """Return a cell as a person wrote it: missing as None, a whole float without its point."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    return int(value) if isinstance(value, float) and value.is_integer() else value
