"""Read many rows out of a request, checked column by column as arrays."""

from dataclasses import dataclass, field

import orjson
from pydantic_core import from_json

from headgate.rows.cells import CellsReader
from headgate.rows.duplicates import check_said_once
from headgate.rows.identity import identity_names, usable
from headgate.rows.problem import REPORTED, NotJson, Problem, rejected
from headgate.rows.single import RowReader
from headgate.rows.words import shown

SHAPES = ("instances", "columns")


@dataclass(frozen=True)
class Batch:
    """Rows for one graph run.

    arrays : column -> array (n,). identity : key and time columns that came along -> list. rows : n.
    columnar : they came as `columns`. texts : category column -> list as it was sent, unknown ones too.
    """

    arrays: dict
    identity: dict
    rows: int
    columnar: bool
    texts: dict = field(default_factory=dict)


class BatchReader:
    """Reads batches for one spec. limit : rows allowed in one."""

    def __init__(self, spec, *, limit):
        self.spec, self.limit = spec, limit
        self.single, self._cells = RowReader(spec), CellsReader(spec)
        self._names, self._extra, self._known = spec.column_names, identity_names(spec), frozenset(self.single.names)
        self._categories = [column.name for column in spec.columns if column.kind == "category"]

    def read(self, body):
        """Return the Batch in a JSON body `{"instances": [row, ...]}` or `{"columns": {name: [...]}}`.

        Raises NotJson, RowsRejected with the Problems of the first rows that have any, TooManyRows.
        """
        document = _parse(body)
        if not isinstance(document, dict) or len(document) != 1 or next(iter(document)) not in SHAPES:
            raise _no_batch(document)
        shape = next(iter(document))
        cells, keys, row_of = (self._instances if shape == "instances" else self._columns)(document[shape])
        if cells.suspects:
            self._reject(sorted(cells.suspects), row_of)
        check_said_once(body, keys + 1, cells.texts)
        return Batch(cells.arrays, {name: cells.lists[name] for name in self._extra if name in cells.lists}, cells.rows,
                     shape == "columns", {name: cells.lists[name] for name in self._categories})

    def _instances(self, found):
        """Return (Cells, keys in the JSON, function of an index to its row)."""
        if not isinstance(found, list):
            raise _wrong_shape("instances", "a list of rows", found)
        self._check_count(len(found))
        cells = self._cells.read_even(found)
        if cells is not None:
            return cells, len(found) * len(found[0]), found.__getitem__
        return self._uneven(found)

    def _uneven(self, found):
        """Rows that do not all have the same columns in the same order: some leave nulls out, or are wrong."""
        wrong = {index for index, row in enumerate(found) if not self._fits(row)}
        if wrong:
            cells = self._cells.read({name: [_cell(row, name) for row in found] for name in self._names}, len(found))
            self._reject(sorted(wrong | cells.suspects), found.__getitem__)
        names = [*self._names, *(name for name in self._extra if any(name in row for row in found))]
        lists = {name: [row.get(name) for row in found] for name in names}
        return self._cells.read(lists, len(found)), sum(map(len, found)), found.__getitem__

    def _fits(self, row):
        return isinstance(row, dict) and row.keys() <= self._known \
            and all(usable(row.get(name)) for name in self._extra)

    def _columns(self, found):
        if not isinstance(found, dict) or not found:
            raise _wrong_shape("columns", "an object of column to list", found)
        for name, cells in found.items():
            if not isinstance(cells, list):
                raise _wrong_shape(f"columns.{name}", "a list with one value per row", cells)
        lengths = {len(cells) for cells in found.values()}
        if len(lengths) > 1:
            raise rejected([Problem("columns", ", ".join(map(str, sorted(lengths))), "lists of one length",
                                    f"The lists in columns must be of one length; seen {sorted(lengths)}.")])
        rows = lengths.pop()
        self._check_count(rows)
        if not self.single.columns.keys() <= found.keys() <= self._known:
            self._name_strangers(found)
        return self._cells.read(found, rows), len(found), lambda row: {name: one[row] for name, one in found.items()}

    def _name_strangers(self, found):
        """A column that is none of the model's, or one that may not be left out, is told once for all rows."""
        problems = self.single.problems({name: cells[0] for name, cells in found.items()})
        wrong = [one for one in problems if one.value == "nothing" or one.field not in self.single.columns]
        if wrong:
            raise rejected(wrong)

    def _reject(self, suspects, row_of):
        problems = []
        for index in suspects:
            problems += self.single.problems(row_of(index), index) or [_odd(index)]
            if len(problems) >= REPORTED:
                break
        raise rejected(problems, len(suspects))

    def _check_count(self, rows):
        if not rows:
            raise rejected([Problem("", "0 rows", "at least one row", "The batch has no rows.")])
        if rows > self.limit:
            raise TooManyRows("The batch has too many rows.", value=f"{rows} rows", limit=f"{self.limit} rows",
                              remedy="Send several batches, or score a whole table with python -m flows.predict.")


class TooManyRows(NotJson):
    """More rows than one request may have."""


def _parse(body):
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        pass
    try:
        return from_json(body)      # takes NaN and Infinity, so that they are told with row and column
    except ValueError as error:
        raise NotJson("The body is not JSON.", value=str(error)) from None


def _no_batch(document):
    seen = f"keys {', '.join(map(shown, document))}" if isinstance(document, dict) else shown(document)
    return rejected([Problem("", seen, "instances or columns",
                             "A batch is {\"instances\": [row, ...]} or {\"columns\": {name: [value, ...]}}.")])


def _wrong_shape(field, limit, value):
    return rejected([Problem(field, shown(value), limit, f"{field} must be {limit}; seen {shown(value)}.")])


def _cell(row, name):
    return row.get(name) if isinstance(row, dict) else None


def _odd(index):
    return Problem("", "", "a row of the model", "The row cannot be used.", index)
