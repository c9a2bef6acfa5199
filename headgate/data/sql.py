"""Tables from a database through SQLAlchemy, streamed. Imports pandas only to build frames."""

from contextlib import contextmanager
from pathlib import Path

from headgate.data.places import expand, masked, scrubbed
from headgate.errors import SourceError, SpecError

CHUNK = 50_000


def shown(sql):
    """Return the URL of a SQL source as a person may read it."""
    return masked(sql.url)


def read_sql(sql, folder, *, wanted=None):
    """Run the query and return its rows as (frame of raw types with only the columns wanted, names of all).

    Rows are fetched in blocks, so that the driver never holds the whole result.
    Raises SourceError when the database is away, the query fails or returns no rows.
    """
    import pandas as pd

    blocks = [(to_frame(columns), names) for columns, names in sql_blocks(sql, folder, rows=CHUNK, wanted=wanted)]
    return pd.concat([frame for frame, _ in blocks], ignore_index=True), blocks[0][1]


def sql_blocks(sql, folder, *, rows, wanted=None):
    """Run the query and yield ({column wanted: tuple of at most `rows` values}, names of all), to its last row.

    `to_frame` makes a frame of the columns. Raises as `read_sql`.
    """
    from headgate.data.csvs import check_unique
    empty = True
    with _result(sql, folder, rows) as result:
        names = list(result.keys())
        check_unique(names, "The query's result", wanted)
        chosen = [i for i, name in enumerate(names) if wanted is None or name in wanted]
        for block in result.partitions(rows):
            columns, empty = list(zip(*block)), False
            yield {names[i]: columns[i] for i in chosen}, names
    if empty:
        raise SourceError(f"The query on {shown(sql)} returned no rows.", limit="at least one row")


def to_frame(columns):
    """Return a frame of raw types of columns as the driver gave them."""
    import pandas as pd

    return pd.DataFrame({name: _series(values) for name, values in columns.items()})


def sql_rows(sql, folder):
    """Yield the query's rows as tuples, the first being the column names."""
    with _result(sql, folder, CHUNK) as result:
        yield tuple(result.keys())
        for rows in result.partitions(CHUNK):
            for row in rows:
                yield tuple(row)


def _series(values):
    """Build a Series from one column of a block; Decimal becomes a number, a large integer keeps all its digits."""
    from decimal import Decimal

    import pandas as pd
    if any(isinstance(value, Decimal) for value in values):
        values = [float(value) if isinstance(value, Decimal) else value for value in values]
    series = pd.Series(values)
    if series.dtype == "float64" and any(isinstance(value, int) and abs(value) > 2 ** 53 for value in values):
        return pd.Series(values, dtype="Int64")
    return series


@contextmanager
def _result(sql, folder, rows):
    from sqlalchemy.exc import SQLAlchemyError
    engine = _engine(sql, folder)
    options = {"stream_results": True, "max_row_buffer": rows, "no_parameters": True}
    try:
        with engine.connect().execution_options(**options) as connection:
            result = connection.exec_driver_sql(expand(sql.query))
            if not result.returns_rows:
                raise SpecError("source.sql.query returns no table.", limit="one SELECT")
            yield result
    except SQLAlchemyError as error:
        reason = scrubbed(getattr(error, "orig", None) or error, sql.url + sql.query)
        raise SourceError(f"The query on {shown(sql)} failed ({type(error).__name__}).", value=reason[:300],
                          remedy="Is the database up, and does the query run in its own client?") from None
    finally:
        engine.dispose()


def _engine(sql, folder):
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError
    from sqlalchemy.pool import NullPool
    try:
        url = make_url(expand(sql.url))
        return create_engine(_sqlite_file(url, folder), poolclass=NullPool)
    except (ArgumentError, NoSuchModuleError, ValueError):
        raise SpecError("source.sql.url is no SQLAlchemy URL.", value=shown(sql),
                        limit="such as postgresql+psycopg://user:${PASSWORD}@host/database") from None
    except ModuleNotFoundError as error:
        raise SourceError(f"The database driver {error.name} is not installed.", value=shown(sql),
                          remedy=f"pip install {error.name}") from None


def _sqlite_file(url, folder):
    """Place a relative SQLite path in the model's folder, and refuse to create a missing file."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":memory:", "file:")):
        return url
    path = Path(folder) / url.database
    if not path.is_file():
        raise SourceError(f"There is no SQLite file at {path}.",
                          remedy="A relative path in model.yaml is relative to the model's folder, one given to a "
                                 "command to the directory you are in.")
    return url.set(database=str(path))
