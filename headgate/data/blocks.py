"""A table to be scored, one block of rows after the other, so that memory does not grow with the table."""

from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

import pandas as pd
import pyarrow as pa

from headgate.data import sql as database
from headgate.data.cells import cells_of
from headgate.data.csvs import csv_blocks, no_columns
from headgate.data.joins import RightSide
from headgate.data.parquets import parquet_blocks, to_frame
from headgate.data.places import local_copy, locate
from headgate.data.tables import check_file, given_file, joinable, read_source
from headgate.rows.identity import identity_columns


@dataclass(frozen=True)
class Block:
    """Consecutive rows of a table.

    frame : the columns that are wanted and there, raw types; the index is the position of a row in the whole table.
    identity : key and time columns that are there -> Arrow array (n,) of their values as they came.
    names : every column of the table and of those joined to it. source : the table, as a person may read it.
    """

    frame: pd.DataFrame
    identity: dict
    names: tuple
    source: str


def read_blocks(spec, folder, *, rows, data=None, sql=None, also=()):
    """Yield the Blocks, of at most `rows` rows each, of a table that is to be scored.

    data : path or URL of a CSV or Parquet file. sql : (SqlSource, folder of a relative SQLite path). With neither, the
    source of the spec, whose relative paths start at `folder`. Tables of joins are read once, whole; a table given
    instead of the source is joined where it has the keys and not yet the columns.
    Every row is there, also one that training would not see: neither as_of nor a keep rule is applied.
    Raises SourceError for a table that cannot be read or has no rows, SpecError for a join that cannot be made.
    """
    wanted, start, sides = wanted_columns(spec) | set(also), 0, None
    with closing(_source(spec, folder, rows, wanted, data, sql)) as blocks:
        for block in blocks:
            if sides is None:
                sides = _sides(spec, folder, block.frame, given=data is not None or sql is not None)
            frame = block.frame.set_axis(pd.RangeIndex(start, start + len(block.frame)))
            start += len(frame)
            yield _joined(spec, block, frame, sides)


def wanted_columns(spec):
    """Return the names of every raw column that scoring needs; the target is none of them."""
    return {*spec.column_names, *identity_columns(spec)} | {name for rule in spec.data.joins for name in rule.on}


def _source(spec, folder, rows, wanted, data, sql):
    if sql is not None:
        return _database(spec, *sql, rows, wanted)
    if data is not None:
        return _file(spec, *given_file(spec, data), rows, wanted)
    source = spec.data.source
    if source.sql is not None:
        return _database(spec, source.sql, folder, rows, wanted)
    return _file(spec, locate(source, folder), source, rows, wanted)


def _database(spec, sql, folder, rows, wanted):
    shown = database.shown(sql)
    for columns, names in database.sql_blocks(sql, folder, rows=rows, wanted=wanted):
        if not columns:
            raise no_columns(shown, names)
        named = {name: _values(columns[name]) for name in identity_columns(spec) if name in columns}
        yield Block(database.to_frame(columns), named, tuple(names), shown)


def _file(spec, place, how, rows, wanted):
    check_file(place)
    with local_copy(place) as path:
        if place.parquet:
            yield from _parquet(spec, path, place.shown, rows, wanted)
            return
        for frame, names in csv_blocks(path, place.shown, how, rows=rows, wanted=wanted, cells=cells_of(spec)):
            named = {name: _series(frame[name]) for name in identity_columns(spec) if name in frame}
            yield Block(frame, named, tuple(names), place.shown)


def _parquet(spec, path, shown, rows, wanted):
    for table, names in parquet_blocks(path, shown, rows=rows, wanted=wanted):
        if not table.num_columns:
            raise no_columns(shown, names)
        named = {name: _plain(table[name]) for name in identity_columns(spec) if name in table.column_names}
        yield Block(to_frame(table), named, tuple(names), shown)


def _sides(spec, folder, frame, *, given):
    """Return the RightSide of each join that is to be made."""
    cells, sides = cells_of(spec), []
    for rule in spec.data.joins:
        if not given or joinable(frame, rule):
            right = read_source(rule.source, folder, wanted={*rule.on, *rule.columns}, cells=cells)
            sides.append((RightSide(right.frame, rule, right.source), right.names))
    return sides


def _joined(spec, block, frame, sides):
    names, identity = block.names, dict(block.identity)
    for side, more in sides:
        frame, names = side.join(frame), (*names, *more)
    for name in identity_columns(spec):
        if name in frame and name not in identity:
            identity[name] = _series(frame[name])
    ordered = {name: identity[name] for name in identity_columns(spec) if name in identity}
    return Block(frame, ordered, tuple(dict.fromkeys(names)), block.source)


def _values(values):
    """Return an Arrow array of one column of a query; what no Arrow type holds, or several kinds, becomes text."""
    try:
        return pa.array([PLAIN[type(value)](value) if type(value) in PLAIN else value for value in values])
    except (pa.ArrowException, OverflowError, ValueError):
        return pa.array([None if value is None else str(value) for value in values], pa.string())


def _number(value):
    return int(value) if value == value.to_integral_value() else float(value)


PLAIN = {Decimal: _number, UUID: str}


def _series(series):
    array = pa.Array.from_pandas(series)
    return array.cast(pa.string()) if pa.types.is_large_string(array.type) else array


def _plain(column):
    """Return a column of one block as one array, a dictionary as its values."""
    array = column.combine_chunks()
    return array.cast(array.type.value_type) if pa.types.is_dictionary(array.type) else array
