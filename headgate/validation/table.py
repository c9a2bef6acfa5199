"""The table under validation, made ready once for all checks."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.data.hashing import duplicate_mask
from headgate.data.typed import coerce

DUPLICATE = "headgate: repeats an earlier row"


@dataclass(frozen=True)
class Table:
    """A table as read, and what it becomes when every cell is converted.

    frame : as read, rows numbered from 0; typed : the typed frame (n rows, without missing columns);
    copies : column name -> how often the table has it; unconvertible : column -> bool mask (n,);
    repeated : bool mask (n,), rows that cleaning would drop as duplicates;
    reference : typed frame of the champion's training rows, or None; as_of : date or None;
    names : every column of the table where it came from, also those that the model does not see;
    elsewhere : without a reference, there may be a champion that was not asked.
    """

    spec: object
    frame: pd.DataFrame
    typed: pd.DataFrame
    copies: Counter
    unconvertible: dict
    repeated: np.ndarray
    reference: pd.DataFrame | None = None
    as_of: object = None
    names: tuple = ()
    elsewhere: bool = False

    @property
    def rows(self):
        return len(self.frame)

    def has(self, name):
        """True if the table as read has the column."""
        return self.copies[name] > 0

    @property
    def columns(self):
        """The listed columns that the table has."""
        return [column for column in self.spec.columns if self.has(column.name)]

    @property
    def target_source(self):
        """Name of the column that the target is read from."""
        return target_source(self.spec)

    def unreadable(self, name):
        """Cells of a column as read that cannot be converted: bool mask (n,)."""
        mask = self.unconvertible.get(self.typed_name(name))
        return np.zeros(self.rows, dtype=bool) if mask is None else np.asarray(mask, dtype=bool)

    def empty(self, name):
        """Cells of a column as read that hold nothing at all: bool mask (n,)."""
        return self.typed[self.typed_name(name)].isna().to_numpy() & ~self.unreadable(name)

    def typed_name(self, name):
        """Name in the typed frame of a column as read: they differ for a derived target."""
        return self.spec.target.column if name == self.target_source else name


def target_source(spec):
    """Name of the column that the target of `spec` is read from."""
    return spec.target.derive.column if spec.target.derive else spec.target.column


def expected_columns(spec):
    """Every column that a table needs: listed ones, target, time, key; each once, in that order."""
    time = [spec.data.time_column] if spec.data.time_column else []
    return list(dict.fromkeys([*spec.column_names, target_source(spec), *time, *spec.data.key]))


def examine(frame, spec, *, as_of=None, reference=None, names=(), elsewhere=False):
    """Convert a table as read into a Table; raises nothing about its content.

    frame : pandas frame with any columns, types and index; it is not changed. names : of the whole table.
    """
    copies = Counter(frame.columns)
    frame = frame.loc[:, ~frame.columns.duplicated()].reset_index(drop=True)
    coerced = coerce(frame, spec)
    return Table(spec, frame, coerced.frame, copies, coerced.unconvertible, _repeated(coerced.frame, spec), reference,
                 as_of, tuple(dict.fromkeys([*names, *frame.columns])), elsewhere)


def _repeated(typed, spec):
    if not len(typed.columns):
        return np.zeros(len(typed), dtype=bool)
    key = [name for name in spec.data.key if name in typed]
    return duplicate_mask(typed, key)
