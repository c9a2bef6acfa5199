"""One entry of the prediction log: a request that was answered, without what is private.

An entry is made twice: at once as one line of JSON, which is cheap and all that the answering process does, and later
as what the database takes.
"""

import hashlib
from operator import itemgetter

import numpy as np
import orjson

from headgate.bundle.canonical import canonical_json
from headgate.rows.batch import Batch
from headgate.rows.times import iso_of

NAMES, KINDS = itemgetter("id", "model", "version", "digest", "role", "at", "rows"), (*5 * [str], int, int)
INPUTS, OUTPUTS = b',"inputs":{', b'},"outputs":{'


class Entries:
    """Makes the entries of one version."""

    def __init__(self, spec, *, version, digest, role):
        private = frozenset(column.name for column in spec.columns if column.private)
        key = () if private & {*spec.data.key} else spec.data.key   # one that may not be logged cannot be asked for
        fixed = {"model": spec.name, "version": version, "digest": digest, "role": role, "key": key}
        self._fixed, self._classes, self._private = orjson.dumps(fixed)[1:-1], tuple(spec.target.classes), private
        self._times = frozenset(column.name for column in spec.columns if column.kind == "datetime")
        self._truths = frozenset(column.name for column in spec.columns if column.kind == "boolean")
        self._as_it_is = not private and not self._times

    def line(self, id, at, inputs, probabilities):
        """Return an entry as JSON bytes without a line break, which `entry_of` reads.

        id : 32 hex digits. at : milliseconds since 1970. inputs : a row (dict), or a Batch of n rows; columns marked
        private are left out. probabilities : list (k,), or array (n, k), in the order of the classes.
        """
        if isinstance(inputs, Batch):
            return self._line(id, at, inputs.rows, self._told(inputs), self._shares(np.asarray(probabilities)))
        told = inputs if self._as_it_is else self._row(inputs)
        return self._line(id, at, 1, told, dict(zip(self._classes, probabilities)))

    def _line(self, id, at, rows, inputs, outputs):
        return b'{"id":"%b","at":%d,"rows":%d,%b,"inputs":%b,"outputs":%b}' % (
            id.encode(), at, rows, self._fixed, _json(inputs), _json(outputs))

    def _shares(self, probabilities):
        return {name: np.ascontiguousarray(probabilities[:, place]) for place, name in enumerate(self._classes)}

    def _row(self, row):
        return {name: iso_of(value) if name in self._times and value is not None else value
                for name, value in row.items() if name not in self._private}

    def _told(self, batch):
        """Return column -> cells of the batch, each as of a single row."""
        told = {name: self._cells(name, values) for name, values in batch.arrays.items()}
        return {name: cells for name, cells in {**told, **batch.texts, **batch.identity}.items()
                if name not in self._private}

    def _cells(self, name, values):
        if name in self._times:
            return [iso_of(value) for value in values.tolist()]
        if name in self._truths:
            return [None if value != value else value == 1 for value in values.tolist()]
        return values


def entry_of(line):
    """Return an entry as a dict of plain values, which `write_entries` takes.

    line : as of `Entries.line`. Raises ValueError, KeyError, TypeError or AttributeError for anything else.
    """
    told = orjson.loads(line)
    if (*map(type, NAMES(told)),) != KINDS:
        raise TypeError("an entry holds other kinds of values")
    inputs, outputs, names = told["inputs"], told["outputs"], told.pop("key")
    told["keys"] = _keys([inputs[name] for name in names], outputs) if inputs.keys() >= {*names} else []
    told["inputs"], told["outputs"] = _texts(line)
    return told


def _texts(line):
    """Return inputs and outputs as they stand in a line; neither holds an object, so that only their own braces do."""
    start = line.index(INPUTS)
    end = line.index(OUTPUTS, start)
    return line[start + len(INPUTS) - 1:end + 1].decode(), line[end + len(OUTPUTS) - 1:-1].decode()


def _keys(values, outputs):
    """Return pairs of row and hash. values : of each key column one value, or a list (n,) of them."""
    if not values or None in values or _absent(values):
        return []
    alone = not isinstance(next(iter(outputs.values()), None), list)
    rows = enumerate([values] if alone else zip(*values))
    return [[row, hash_of_key(key)] for row, key in rows if not _absent(key)]


def hash_of_key(values):
    """Return the SHA-256 (hex) of the values of the key columns, in their order; 7, 7.0 and "7" are one.

    A time that is a column of the model is "2026-03-01T08:30:00", the wall clock of the model's zone.
    """
    return hashlib.sha256(canonical_json([text_of(value) for value in values]).encode()).hexdigest()


def _json(value):
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)


def _absent(values):
    return any(value is None or isinstance(value, (str, float)) and (value == "" or value != value) for value in values)


def text_of(value):
    """Return the text of a value of a key: a whole number is its digits, whatever JSON wrote it as."""
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
