"""Read many rows out of a request, checked column by column as arrays."""

from dataclasses import dataclass, field

import orjson
from pydantic_core import from_json

from headgate.rows.columns import to_array
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
        self.single = RowReader(spec)
        self._names, self._extra = spec.column_names, identity_names(spec)

    def read(self, body):
        """Return the Batch in a JSON body `{"instances": [row, ...]}` or `{"columns": {name: [...]}}`.

        Raises NotJson, RowsRejected with the Problems of the first rows that have any, TooManyRows.
        """
        document = _parse(body)
        if not isinstance(document, dict) or len(document) != 1 or next(iter(document)) not in SHAPES:
            raise _no_batch(document)
        shape = next(iter(document))
        taken = self._instances(document[shape]) if shape == "instances" else self._columns(document[shape])
        lists, rows, keys, row_of = taken
        arrays, suspects = self._arrays(lists, rows)
        if suspects:
            self._reject(sorted(suspects), row_of)
        check_said_once(body, keys + 1, self._texts(lists))
        return Batch(arrays, {name: lists[name] for name in self._extra if name in lists}, rows, shape == "columns",
                     {column.name: lists[column.name] for column in self.spec.columns if column.kind == "category"})

    def _texts(self, lists):
        """Count the texts among the values of rows that are right."""
        found = sum(len(cells) - cells.count(None) for name, cells in lists.items()
                    if name in self.single.columns and self.single.columns[name].kind in ("category", "datetime"))
        return found + sum(type(cell) is str for name in self._extra for cell in lists.get(name, ()))

    def _instances(self, found):
        """Return (column -> list, rows, keys in the JSON, function of an index to its row)."""
        if not isinstance(found, list):
            raise _wrong_shape("instances", "a list of rows", found)
        self._check_count(len(found))
        try:
            if set(map(len, found)) == {len(self._names)}:
                lists = {name: [row[name] for row in found] for name in self._names}
                return lists, len(found), len(found) * len(self._names), found.__getitem__
        except (KeyError, TypeError, IndexError):
            pass
        return self._uneven(found)

    def _uneven(self, found):
        """Rows that do not all have just the model's columns: some leave nulls out, name the row, or are wrong."""
        wrong = {index for index, row in enumerate(found) if not self._fits(row)}
        if wrong:
            suspects = wrong | self._arrays({name: [_cell(row, name) for row in found] for name in self._names},
                                            len(found))[1]
            self._reject(sorted(suspects), found.__getitem__)
        names = [*self._names, *(name for name in self._extra if any(name in row for row in found))]
        lists = {name: [row.get(name) for row in found] for name in names}
        return lists, len(found), sum(map(len, found)), found.__getitem__

    def _fits(self, row):
        return isinstance(row, dict) and row.keys() <= set(self.single.names) \
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
        if not self.single.columns.keys() <= found.keys() <= set(self.single.names):
            self._name_strangers(found)
        lists = {name: found.get(name, [None] * rows) for name in self._names}
        lists |= {name: found[name] for name in self._extra if name in found}
        return lists, rows, len(found), lambda index: {name: cells[index] for name, cells in found.items()}

    def _name_strangers(self, found):
        """A column that is none of the model's, or one that may not be left out, is told once for all rows."""
        problems = self.single.problems({name: cells[0] for name, cells in found.items()})
        wrong = [one for one in problems if one.value == "nothing" or one.field not in self.single.columns]
        if wrong:
            raise rejected(wrong)

    def _arrays(self, lists, rows):
        arrays, suspects = {}, set()
        for column in self.spec.columns:
            arrays[column.name], found = to_array(column, lists[column.name], self.spec.data.time_zone)
            suspects.update(found)
        for name in self._extra:
            suspects.update(i for i, cell in enumerate(lists.get(name, ())) if not usable(cell))
        return arrays, suspects

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
