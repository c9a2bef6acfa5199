"""Stable 64-bit hashes of rows: the same on every run, platform, row order and library version."""

import hashlib

import numpy as np
import pandas as pd

from headgate.data.texts import factorize_text

MISSING = np.uint64(0x9E3779B97F4A7C15)


def hash_rows(frame, names, *, as_text=False):
    """Return uint64 hashes (n,) of the values in the columns `names`; equal rows have equal hashes.

    Numbers and times are hashed by their 64 bits, anything else by its text. With `as_text` every value is, so that the
    key 7 is the same from a CSV, a Parquet file and a database.
    Source of the mixer: Steele, Lea and Flood (2014), Fast splittable pseudorandom number generators.
    """
    total = np.zeros(len(frame), dtype=np.uint64)
    for name in names:
        values = _hash_text(frame[name]) if as_text else _hash_values(frame[name])
        total = _mix(total * np.uint64(0x100000001B3) + values)
    return total


def duplicate_mask(frame, key=()):
    """Return a mask (n,) of rows equal to an earlier one: in the columns `key`, or in all when there is none."""
    if not len(frame):
        return np.zeros(0, dtype=bool)
    names = list(key) or list(frame.columns)
    return pd.Series(hash_rows(frame, names, as_text=bool(key))).duplicated().to_numpy()


def _hash_values(series):
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return _mix(series.to_numpy().astype("datetime64[us]").astype("<i8").view(np.uint64))
    if pd.api.types.is_numeric_dtype(series.dtype):
        values = series.to_numpy(dtype="<f8", na_value=np.nan) + 0.0
        return np.where(np.isnan(values), MISSING, _mix(values.view(np.uint64)))
    return _hash_text(series)


def _hash_text(series):
    codes, texts = factorize_text(series)
    digests = b"".join(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest() for text in texts)
    return np.append(np.frombuffer(digests, dtype="<u8").astype(np.uint64), MISSING)[codes]


def _mix(values):
    with np.errstate(over="ignore"):
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return values ^ (values >> np.uint64(31))
