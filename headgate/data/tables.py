"""Read a model's table: source, joins, keep rules, and only what is visible on the day."""

from dataclasses import dataclass, field

import pandas as pd

from headgate.data.clock import resolve_as_of, time_zone
from headgate.data.csvs import no_columns, read_csv
from headgate.data.joins import join
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
    """

    frame: pd.DataFrame
    dropped: dict = field(default_factory=dict)
    source: str = ""


def read_table(spec, folder, *, as_of=None, data=None):
    """Read the table of a model.

    folder : the model's folder; relative paths of the spec start there.
    as_of : date before which rows are visible; None takes the spec's.
    data : path or URL of a CSV or Parquet file to read instead of the source. It is joined like the source where it
        has the keys and not yet the columns.
    Raises SourceError for a table that cannot be read, AsOfError when no row is visible, SpecError for a column that
    the reading itself needs and is missing. Columns of the model that are missing are left for validation to name.
    """
    wanted, text = needed_columns(spec), text_columns(spec)
    frame, source = _base(spec, folder, data, wanted, text)
    dropped, time = {}, spec.data.time_column
    early = time is not None and time in frame
    if early:
        frame, dropped = _see(frame, spec, as_of)
    for rule in spec.data.joins:
        if data is None or _joinable(frame, rule):
            right, name = read_source(rule.source, folder, wanted={*rule.on, *rule.columns}, text=text)
            frame = join(frame, right, rule, name)
    frame, kept = keep(frame, spec.data.keep)
    dropped = {**dropped, **kept}
    if time is not None and not early:
        _require(frame, time, source)
        frame, hidden = _see(frame, spec, as_of)
        dropped = {**dropped, **hidden}
    return Reading(frame.reset_index(drop=True), dropped, source)


def read_source(source, folder, *, wanted=None, text=()):
    """Read one source as it is; return (frame, name a person may read)."""
    if source.sql is not None:
        return read_sql(source.sql, folder, wanted=wanted), shown(source.sql)
    place = locate(source, folder)
    return read_place(place, source, wanted=wanted, text=text), place.shown


def read_place(place, source, *, wanted=None, text=()):
    """Read the file at a Place; `source` says how a CSV is written."""
    with local_copy(place) as path:
        if place.parquet:
            return read_parquet(path, place.shown, wanted=wanted)
        return read_csv(path, place.shown, source, wanted=wanted, text=text)


def needed_columns(spec):
    """Return the names of every raw column that the spec mentions."""
    data, target = spec.data, spec.target
    names = {*spec.column_names, *data.key, target.derive.column if target.derive else target.column}
    names |= {rule.column for rule in data.keep} | {name for rule in data.joins for name in rule.on}
    return names | ({data.time_column} if data.time_column else set())


def text_columns(spec):
    """Return the names of columns that a CSV must not turn into numbers, so that "007" stays "007"."""
    names = {column.name for column in spec.columns if column.kind in ("category", "datetime")}
    names |= {*spec.data.key} | {name for rule in spec.data.joins for name in rule.on}
    names |= {rule.column for rule in spec.data.keep if rule.one_of is not None}
    names |= {spec.data.time_column} if spec.data.time_column else set()
    return names if spec.target.derive else names | {spec.target.column}


def _base(spec, folder, data, wanted, text):
    if data is None:
        frame, source = read_source(spec.data.source, folder, wanted=wanted, text=text)
    else:
        place = replacement(data)
        how = spec.data.source.model_copy(update={"columns": None, "skip_rows": 0})
        frame, source = read_place(place, how, wanted=wanted, text=text), place.shown
    if not frame.shape[1]:
        raise no_columns(source, [])
    return frame, source


def _joinable(frame, rule):
    return all(name in frame for name in rule.on) and not any(name in frame for name in rule.columns)


def _require(frame, name, source):
    if name not in frame:
        raise SourceError(f"{source} has no time column {name!r}.", limit=", ".join(map(str, frame.columns[:20])))


def _see(frame, spec, as_of):
    day = resolve_as_of(spec, as_of)
    return visible(frame, spec.data.time_column, time_zone(spec), day, spec.data.window_days)
