"""Immutable typed tables on disk, named after what is in them."""

import errno
import hashlib
import os
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from headgate.data.texts import factorize_text
from headgate.errors import SourceError, StorageError


@dataclass(frozen=True)
class Snapshot:
    """A typed table on disk.

    uri : file URI of the Parquet file. digest : SHA-256 of its content. rows : how many.
    """

    uri: str
    digest: str
    rows: int

    @property
    def path(self):
        return Path(url2pathname(urlsplit(self.uri).path))


def content_digest(frame):
    """Return the SHA-256 of a frame's names, kinds and values; independent of how it is stored."""
    total = hashlib.sha256()
    for name in frame.columns:
        kind, parts = _content(frame[name])
        total.update(f"{name!r} {kind} {len(frame)}\n".encode("utf-8", "surrogatepass"))
        for part in parts:
            total.update(part)
    return total.hexdigest()


def write_snapshot(frame, folder):
    """Write a typed frame to `folder`/DIGEST.parquet in one step, unless it is there; return its Snapshot.

    Raises StorageError when the disk is full or not writable; then nothing half-written is left.
    """
    digest = content_digest(frame)
    path = Path(folder) / f"{digest}.parquet"
    if not path.is_file():
        _write(frame, path)
    return Snapshot(path.resolve().as_uri(), digest, len(frame))


def read_snapshot(snapshot, columns=None):
    """Return the frame of a snapshot, dtypes as they were written; `columns` names those to read."""
    with _readable(snapshot):
        return pq.read_table(snapshot.path, columns=columns).to_pandas(split_blocks=True, self_destruct=True)


def snapshot_names(snapshot):
    """Return the names of the columns of a snapshot."""
    with _readable(snapshot):
        return tuple(pq.read_schema(snapshot.path).names)


@contextmanager
def _readable(snapshot):
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"The snapshot {snapshot.path} cannot be read.", value=" ".join(str(error).split())[:200],
                          remedy="Delete it and train again with --force; it is written anew.") from None


def _write(frame, path):
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.Table.from_pandas(frame, preserve_index=False), part, compression="zstd")
        os.replace(part, path)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise StorageError(f"The snapshot cannot be written to {path.parent}: "
                           + ("the disk is full." if full else f"{error.strerror or error}."),
                           remedy="Free some space, `python -m headgate prune`, or move HEADGATE_HOME.") from None
    finally:
        part.unlink(missing_ok=True)


def _content(series):
    if pd.api.types.is_datetime64_any_dtype(series.dtype):
        return "time", [series.to_numpy().astype("datetime64[us]").astype("<i8").tobytes()]
    if pd.api.types.is_numeric_dtype(series.dtype) and not _needs_all_digits(series):
        values = series.to_numpy(dtype="<f8", na_value=np.nan) + 0.0
        return "number", [np.where(np.isnan(values), np.nan, values).astype("<f8").tobytes()]
    codes, texts = factorize_text(series)
    lengths = np.array([len(text) for text in texts], dtype="<i8").tobytes()
    return "text", [codes.astype("<i8").tobytes(), lengths, "".join(texts).encode("utf-8", "surrogatepass")]


def _needs_all_digits(series):
    """Return whether integers are so large that floats would make different ones equal."""
    return pd.api.types.is_integer_dtype(series.dtype) and series.abs().max() > 2 ** 53
