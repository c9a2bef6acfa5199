"""One entry of the prediction log: a request that was answered, without what is private."""

import hashlib

import numpy as np
import orjson

from headgate.bundle.canonical import canonical_json
from headgate.rows.batch import Batch
from headgate.rows.identity import key_of
from headgate.rows.times import iso_of


def entry_of(spec, *, id, version, digest, role, at, inputs, probabilities):
    """Return the entry as a dict of plain values that `write_entries` takes and JSON can hold.

    id : 32 hex digits. at : milliseconds since 1970. inputs : a row (dict), or a Batch of n rows; columns marked private
    are left out. probabilities : list (k,), or array (n, k), in the order of spec.target.classes.
    """
    batch = isinstance(inputs, Batch)
    kept = _batch(spec, inputs) if batch else _row(spec, inputs)
    shares = np.asarray(probabilities).T if batch else probabilities
    return {"id": id, "model": spec.name, "version": version, "digest": digest, "role": role, "at": at,
            "rows": inputs.rows if batch else 1,
            "inputs": _json(kept),
            "outputs": _json(dict(zip(spec.target.classes, np.ascontiguousarray(shares) if batch else shares))),
            "keys": _keys(spec, inputs.identity | _lists(spec, inputs)) if batch else _keys(spec, inputs)}


def hash_of_key(values):
    """Return the SHA-256 (hex) of the values of the key columns, in their order; 7, 7.0 and "7" are one."""
    return hashlib.sha256(canonical_json([_as_text(value) for value in values]).encode()).hexdigest()


def private_names(spec):
    """Return the names of the columns that are never logged."""
    return frozenset(column.name for column in spec.columns if column.private)


def _json(value):
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def _row(spec, row):
    private, times = private_names(spec), _times(spec)
    return {name: iso_of(value) if name in times and value is not None else value
            for name, value in row.items() if name not in private}


def _batch(spec, batch):
    private, times = private_names(spec), _times(spec)
    kept = {}
    for name, values in batch.arrays.items():
        if name in private:
            continue
        if values.dtype == object:
            kept[name] = [text or None for text in values]
        else:
            kept[name] = [iso_of(value) for value in values.tolist()] if name in times else values
    return kept | batch.identity


def _times(spec):
    return {column.name for column in spec.columns if column.kind == "datetime"}


def _lists(spec, batch):
    return {name: batch.arrays[name].tolist() for name in spec.data.key if name in batch.arrays}


def _keys(spec, row):
    """Return [[row, hash], ...] of the rows that were sent with all key columns, none of them private."""
    if not spec.data.key or private_names(spec) & {*spec.data.key} or any(name not in row for name in spec.data.key):
        return []
    if not isinstance(row[spec.data.key[0]], list):
        key = key_of(spec, row)
        return [] if key is None else [[0, hash_of_key(key)]]
    keys = zip(*(row[name] for name in spec.data.key))
    return [[place, hash_of_key(key)] for place, key in enumerate(keys)
            if not any(value is None or value == "" or value != value for value in key)]


def _as_text(value):
    if isinstance(value, float) and value == int(value):
        return str(int(value))
    return str(value)
