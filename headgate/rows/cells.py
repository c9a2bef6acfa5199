"""The cells of many rows, column by column, as arrays; and which of the rows may not reach a model."""

from dataclasses import dataclass
from itertools import chain

import numpy as np

from headgate.rows.columns import to_array
from headgate.rows.identity import identity_names, usable

PIECE = 1000        # rows that are turned into columns at once: their cells are still in the processor's cache then


@dataclass(frozen=True)
class Cells:
    """What the cells of n rows came to.

    arrays : column -> array (n,). lists : category, datetime, key and time columns -> list as it was sent.
    suspects : positions of rows that may be wrong; every row that is wrong is one.
    """

    arrays: dict
    lists: dict
    suspects: frozenset
    rows: int

    @property
    def texts(self):
        """How many of the cells are texts, if there are no suspects."""
        return sum(list(map(type, cells)).count(str) for cells in self.lists.values())


class CellsReader:
    """Reads the cells of rows for one spec."""

    def __init__(self, spec):
        self._columns, self._zone, self._extra = spec.columns, spec.data.time_zone, identity_names(spec)
        self._kept = {column.name for column in spec.columns if column.kind in ("category", "datetime")}
        self._known = frozenset((*spec.column_names, *self._extra))

    def read(self, lists, rows):
        """Return the Cells of column -> list (rows,) of what JSON gave; a column of the model left out is null."""
        arrays, suspects, lists = {}, set(), dict(lists)
        for column in self._columns:
            cells = lists.setdefault(column.name, [None] * rows)
            arrays[column.name], found = to_array(column, cells, self._zone)
            suspects.update(found)
        for name in self._extra:
            suspects.update(i for i, cell in enumerate(lists.get(name, ())) if not usable(cell))
        kept = {name: cells for name, cells in lists.items() if name in self._kept or name in self._extra}
        return Cells(arrays, kept, frozenset(suspects), rows)

    def read_even(self, rows):
        """Return the Cells of a list of rows that all have the same keys in the same order, else None.

        None too for a key that is no column, and for a row that is no object.
        """
        names = list(rows[0]) if isinstance(rows[0], dict) else []
        if not names or not self._known.issuperset(names):
            return None
        pieces = []
        for start in range(0, len(rows), PIECE):
            piece = rows[start:start + PIECE]
            lists = by_column(piece, names)
            if lists is None:
                return None
            pieces.append(self.read(lists, len(piece)))
        return pieces[0] if len(pieces) == 1 else joined(pieces)


def by_column(rows, names):
    """Return column -> list of its cells, if every row is an object with the keys `names` in their order; else None."""
    try:
        cells = list(chain.from_iterable(map(dict.values, rows)))
    except TypeError:       # a row that is no object
        return None
    if list(chain.from_iterable(rows)) != names * len(rows):
        return None
    return {name: cells[place::len(names)] for place, name in enumerate(names)}


def joined(pieces):
    """Return the Cells of all rows of several Cells, which follow each other."""
    suspects, rows = set(), 0
    for piece in pieces:
        suspects.update(rows + place for place in piece.suspects)
        rows += piece.rows
    return Cells({name: np.concatenate([piece.arrays[name] for piece in pieces]) for name in pieces[0].arrays},
                 {name: list(chain.from_iterable(piece.lists[name] for piece in pieces)) for name in pieces[0].lists},
                 frozenset(suspects), rows)
