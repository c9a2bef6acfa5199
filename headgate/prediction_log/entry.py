"""One entry of the prediction log: a request that was answered, without what is private."""

import hashlib

import numpy as np
import orjson

from headgate.bundle.canonical import canonical_json
from headgate.rows.batch import Batch
from headgate.rows.times import iso_of


class Entries:
    """Makes the entries of one version."""

    def __init__(self, spec, *, version, digest, role):
        self._fixed = {"model": spec.name, "version": version, "digest": digest, "role": role}
        self._classes, self._key = tuple(spec.target.classes), tuple(spec.data.key)
        self._private = frozenset(column.name for column in spec.columns if column.private)
        self._times = frozenset(column.name for column in spec.columns if column.kind == "datetime")
        self._truths = frozenset(column.name for column in spec.columns if column.kind == "boolean")
        if self._private & {*self._key}:
            self._key = ()      # a key that may not be logged cannot be asked for either

    def one(self, id, at, inputs, probabilities):
        """Return an entry as a dict of plain values, which `write_entries` takes and JSON can hold.

        id : 32 hex digits. at : milliseconds since 1970. inputs : a row (dict), or a Batch of n rows; columns marked
        private are left out. probabilities : list (k,), or array (n, k), in the order of the classes.
        """
        if isinstance(inputs, Batch):
            return self._of_batch(id, at, inputs, np.asarray(probabilities))
        told = self._row(inputs)
        keys = self._keys(told)
        return {"id": id, **self._fixed, "at": at, "rows": 1, "inputs": _json(told),
                "outputs": _json(dict(zip(self._classes, probabilities))),
                "keys": [[0, hash_of_key(keys)]] if keys and not _absent(keys) else []}

    def _of_batch(self, id, at, batch, probabilities):
        shares = {name: np.ascontiguousarray(probabilities[:, place]) for place, name in enumerate(self._classes)}
        told = self._told(batch)
        lists = self._keys(told)
        keys = [[row, hash_of_key(key)] for row, key in enumerate(zip(*lists)) if not _absent(key)] \
            if lists and not _absent(lists) else []
        return {"id": id, **self._fixed, "at": at, "rows": batch.rows, "inputs": _json(told),
                "outputs": _json(shares), "keys": keys}

    def _keys(self, told):
        return [told.get(name) for name in self._key]

    def _row(self, row):
        if not self._private and not self._times:
            return row
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


def hash_of_key(values):
    """Return the SHA-256 (hex) of the values of the key columns, in their order; 7, 7.0 and "7" are one.

    A time that is a column of the model is "2026-03-01T08:30:00", the wall clock of the model's zone.
    """
    return hashlib.sha256(canonical_json([_as_text(value) for value in values]).encode()).hexdigest()


def _json(value):
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _absent(values):
    return any(value is None or isinstance(value, (str, float)) and (value == "" or value != value) for value in values)


def _as_text(value):
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
