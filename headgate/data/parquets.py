"""Parquet files into frames of raw types: whole, or one block of rows after the other."""

from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from headgate.data.csvs import check_unique
from headgate.data.uuids import uuid_texts
from headgate.errors import SourceError

LARGEST_FLOAT_INTEGER = 2 ** 53
NULLABLE = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}


def read_parquet(path, shown, *, wanted=None):
    """Read a local Parquet file (or a folder of them), only the columns wanted; None reads all.

    Returns (frame, names of all columns of the file).
    Raises SourceError for a file that is truncated, no Parquet, or without rows.
    """
    with _explained(shown):
        names = pq.ParquetDataset(path).schema.names
        check_unique(names, shown, wanted)
        chosen = [name for name in names if wanted is None or name in wanted]
        table = _bare(pq.read_table(path, columns=chosen))
    if not table.num_rows:
        raise _no_rows(shown, names)
    return to_frame(table), names


def parquet_blocks(path, shown, *, rows, wanted=None):
    """Yield (Arrow table of at most `rows` rows, names of all columns) to the end of a file or a folder of them.

    Only the columns wanted; `to_frame` makes the frame of it. Raises as `read_parquet`.
    """
    empty = True
    with _explained(shown):
        dataset = pq.ParquetDataset(path)
        names = dataset.schema.names
        check_unique(names, shown, wanted)
        chosen = [name for name in names if wanted is None or name in wanted]
        for table in _together(_batches(path, dataset, chosen, rows), rows):
            empty = False
            yield _bare(table), names
    if empty:
        raise _no_rows(shown, names)


def _batches(path, dataset, chosen, rows):
    """One file is decoded page by page; a folder may hold partitions, which only a dataset knows.

    Each row group is read alone: one iteration over them all keeps the bytes of those behind it.
    """
    if Path(path).is_file():
        with pq.ParquetFile(path) as file:
            for group in range(file.num_row_groups):
                yield from file.iter_batches(batch_size=rows, row_groups=[group], columns=chosen)
        return
    for fragment in dataset.fragments:
        for piece in fragment.split_by_row_group():
            yield from piece.to_batches(schema=dataset.schema, columns=chosen, batch_size=rows, batch_readahead=1)


def _together(batches, rows):
    """Yield tables of several small batches, so that many small row groups cost no more than a few large ones."""
    waiting, count = [], 0
    for batch in batches:
        if count and count + batch.num_rows > rows:
            yield pa.Table.from_batches(waiting)
            waiting, count = [], 0
        waiting, count = [*waiting, batch], count + batch.num_rows
    if count:
        yield pa.Table.from_batches(waiting)


def _bare(table):
    """Return a table without extension types: a UUID is its text, anything else what it is stored as."""
    for place, field in enumerate(table.schema):
        if isinstance(field.type, pa.BaseExtensionType):
            stored = table.column(place).combine_chunks().storage
            stored = uuid_texts(stored) if isinstance(field.type, pa.UuidType) else stored
            table = table.set_column(place, field.name, stored)
    return table


@contextmanager
def _explained(shown):
    try:
        yield
    except (pa.ArrowException, OSError, EOFError) as error:
        raise SourceError(f"{shown} is no whole Parquet file (truncated, or another format).",
                          value=" ".join(str(error).split())[:200],
                          remedy="Write or download the file again; a CSV belongs under `csv:`.") from None


def _no_rows(shown, names):
    return SourceError(f"{shown} has columns but no rows.", value=f"columns {', '.join(names[:8])}",
                       limit="at least one row")


def to_frame(table):
    """Turn an Arrow table into a frame of plain dtypes; consumes the table.

    Integers with nulls become floats, unless one is so large that a float would change it.
    """
    plain = pa.schema([_decoded(field) for field in table.schema])
    table = table.cast(plain) if plain != table.schema else table
    mapper = NULLABLE.get if any(map(_floats_would_change, table.columns)) else None
    return table.to_pandas(ignore_metadata=True, split_blocks=True, self_destruct=True, types_mapper=mapper)


def _floats_would_change(column):
    if column.type not in NULLABLE or not column.null_count or column.null_count == len(column):
        return False
    extremes = pc.min_max(column).as_py()
    return max(abs(extremes["min"]), abs(extremes["max"])) > LARGEST_FLOAT_INTEGER


def _decoded(field):
    if pa.types.is_dictionary(field.type):
        return pa.field(field.name, field.type.value_type, field.nullable)
    if pa.types.is_decimal(field.type):
        return pa.field(field.name, pa.float64(), field.nullable)
    return field
