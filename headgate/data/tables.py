"""Read a model's table: source, joins, keep rules, and only what is visible on the day."""

from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from headgate.data.cells import Cells, cells_of
from headgate.data.clock import resolve_as_of, time_zone
from headgate.data.csvs import no_columns, read_csv
from headgate.data.joins import join
from headgate.data.labelled import add_labelled, read_labelled
from headgate.data.parquets import read_parquet
from headgate.data.places import local_copy, locate, replacement
from headgate.data.sql import read_sql, shown
from headgate.data.visible import keep, visible
from headgate.errors import SourceError


@dataclass(frozen=True)
class Reading:
    """A table as it came.

    frame : the columns that the spec needs, raw types, index 0..n-1.
    dropped : why -> rows that are no rows of this model (keep rules), or not visible on the day.
    source : where it came from, as a person may read it.
    names : every column of the table and of those joined to it, also those that the spec does not need.
    added : rows, the last ones, that were labelled elsewhere.
    """

    frame: pd.DataFrame
    dropped: dict = field(default_factory=dict)
    source: str = ""
    names: tuple = ()
    added: int = 0


def read_table(spec, folder, *, as_of=None, data=None, labelled=None):
    """Read the table of a model.

    folder : the model's folder; relative paths of the spec start there.
    as_of : date before which rows are visible; None takes the spec's.
    data : path or URL of a CSV or Parquet file to read instead of the source. It is joined like the source where it
        has the keys and not yet the columns.
    labelled : path of a snapshot of rows that were labelled elsewhere; those that the table lacks are added.
    Raises SourceError for a table that cannot be read, AsOfError when no row is visible, SpecError for a column that
    the reading itself needs and is missing. Columns of the model that are missing are left for validation to name.
    """
    wanted, cells = needed_columns(spec), cells_of(spec)
    frame, source, names = _base(spec, folder, data, wanted, cells)
    dropped, time = {}, spec.data.time_column
    early = time is not None and time in frame
    if early:
        frame, dropped = _see(frame, spec, as_of)
    for rule in spec.data.joins:
        if data is None or joinable(frame, rule):
            right = read_source(rule.source, folder, wanted={*rule.on, *rule.columns}, cells=cells)
            frame, names = join(frame, right.frame, rule, right.source), (*names, *right.names)
    frame, kept = keep(frame, spec.data.keep)
    dropped = {**dropped, **kept}
    if time is not None and not early:
        _require(frame, time, source, names)
        frame, hidden = _see(frame, spec, as_of)
        dropped = {**dropped, **hidden}
    reading = Reading(frame.reset_index(drop=True), dropped, source, tuple(dict.fromkeys(names)))
    return reading if labelled is None else _with_labelled(reading, spec, labelled)


def _with_labelled(reading, spec, labelled):
    frame, added = add_labelled(reading.frame, read_labelled(labelled), spec, time_zone(spec))
    source = f"{reading.source} and {added:,} labelled rows of the prediction log" if added else reading.source
    return replace(reading, frame=frame, added=added, source=source)


def read_source(source, folder, *, wanted=None, cells=Cells()):
    """Read one source as it is, whatever the model keeps of it; return a Reading."""
    if source.sql is not None:
        frame, names = read_sql(source.sql, folder, wanted=wanted)
        return Reading(frame, {}, shown(source.sql), tuple(names))
    return read_place(locate(source, folder), source, wanted=wanted, cells=cells)


def read_place(place, source, *, wanted=None, cells=Cells()):
    """Read the file at a Place into a Reading; `source` says how a CSV is written."""
    check_file(place)
    with local_copy(place) as path:
        frame, names = read_parquet(path, place.shown, wanted=wanted) if place.parquet else \
            read_csv(path, place.shown, source, wanted=wanted, cells=cells)
    return Reading(frame, {}, place.shown, tuple(names))


def check_file(place):
    """Raise SourceError for a folder where a CSV should be."""
    if not place.parquet and not place.remote and Path(place.address).is_dir():
        raise SourceError(f"{place.shown} is a folder, not a CSV.", limit="one CSV or Parquet file",
                          remedy="Name a file in it; a folder of Parquet files belongs under `parquet:`.")


def given_file(spec, data):
    """Return (Place, Source) of a file given on the command line: a header of its own, else written like the spec's."""
    return replacement(data), spec.data.source.model_copy(update={"columns": None, "skip_rows": 0})


def needed_columns(spec):
    """Return the names of every raw column that the spec mentions."""
    data, target = spec.data, spec.target
    names = {*spec.column_names, *data.key, target.derive.column if target.derive else target.column}
    names |= {rule.column for rule in data.keep} | {name for rule in data.joins for name in rule.on}
    return names | ({data.time_column} if data.time_column else set())


def _base(spec, folder, data, wanted, cells):
    if data is None:
        base = read_source(spec.data.source, folder, wanted=wanted, cells=cells)
    else:
        place, how = given_file(spec, data)
        base = read_place(place, how, wanted=wanted, cells=cells)
    if not base.frame.shape[1]:
        raise no_columns(base.source, base.names)
    return base.frame, base.source, base.names


def joinable(frame, rule):
    """True if a table given instead of the source has the keys of a join, and not yet its columns."""
    return all(name in frame for name in rule.on) and not any(name in frame for name in rule.columns)


def _require(frame, name, source, names):
    if name not in frame:
        raise SourceError(f"{source} has no time column {name!r}.", limit=", ".join(map(str, names[:20])))


def _see(frame, spec, as_of):
    day = resolve_as_of(spec, as_of)
    return visible(frame, spec.data.time_column, time_zone(spec), day, spec.data.window_days)
