"""Connections and transactions, the schema kept up to date."""

import sqlite3
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import sqlalchemy
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from headgate.database.pinned import check_pinned, note_pinned
from headgate.errors import StorageError, Unstorable

BUSY_MILLISECONDS = 10_000
KINDS = ("sqlite", "postgresql")
URLS = "Write sqlite:////folder/file.db or postgresql+psycopg://user:password@host/database."


@contextmanager
def transaction(workspace, *, write=False):
    """Yield a connection inside one transaction, the schema up to date; commit at the end.

    Raises StorageError when the database is away, locked, full or not writable.
    """
    from headgate.database.upgrade import upgrade_schema
    engine = _engine(workspace.database_url)
    with storage_errors(workspace.database_url):
        upgrade_schema(engine, workspace)
        with engine.connect().execution_options(headgate_write=write) as connection, connection.begin():
            yield connection


def check_url(url):
    """Raise StorageError unless a database may be at `url`; whether it is there is not looked at."""
    _made(url)


def hold_open(workspace):
    """Return a connection that does nothing but be there, or None where that gains nothing.

    Whenever the last connection to an SQLite file closes, its journal is written back to the file and deleted, which
    costs a writer that comes four times a second most of its time.
    """
    engine = _engine(workspace.database_url)
    if engine.dialect.name != "sqlite" or not engine.url.database:
        return None
    with transaction(workspace):
        connection = engine.connect()
        connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")
        connection.rollback()
        return connection


@contextmanager
def storage_errors(url):
    """Translate what SQLAlchemy raises into StorageError (IntegrityError is left to the caller)."""
    try:
        yield
    except sqlalchemy.exc.IntegrityError:
        raise
    except sqlalchemy.exc.DataError as error:
        cause = " ".join(str(error.orig).split())
        raise Unstorable(f"The database does not take a value: {cause}.") from error
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        place = sqlalchemy.make_url(url).render_as_string(hide_password=True)
        raise StorageError(f"The database {place} cannot be used: {cause}.",
                           remedy=_remedy(cause)) from error


def _remedy(cause):
    if "locked" in cause:
        return f"Another process has held it for over {BUSY_MILLISECONDS // 1000} seconds; end that one and try again."
    if "full" in cause or "No space" in cause:
        return "Free some disk space and run the same command again."
    return "Check HEADGATE_DATABASE_URL (or HEADGATE_HOME) and that the place is there and writable."


@lru_cache(maxsize=16)
def _engine(url):
    """Return the engine of a URL. It keeps no connection, so any thread and any forked process may use it."""
    engine = _made(url)
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, engine.url)
    return engine


def _made(url):
    try:
        parsed = sqlalchemy.make_url(url)
        if parsed.get_backend_name() not in KINDS:
            raise StorageError("HEADGATE_DATABASE_URL names a kind of database that Headgate does not use.",
                               value=parsed.get_backend_name(), limit=" or ".join(KINDS), remedy=URLS)
        return sqlalchemy.create_engine(parsed, poolclass=NullPool, hide_parameters=True,
                                        connect_args=_connect_arguments(parsed))
    except (SQLAlchemyError, ImportError, ValueError) as error:
        raise StorageError(f"HEADGATE_DATABASE_URL is not usable: {' '.join(str(error).split())}",
                           remedy=URLS) from None


def _connect_arguments(parsed):
    if parsed.get_backend_name() == "postgresql":
        return {"connect_timeout": 5}
    return {}


def _keep_to_file(engine, path):
    """Open a file that a service keeps to only where it is there, also when it goes away at this very moment."""
    @event.listens_for(engine, "do_connect")
    def _connecting(dialect, record, arguments, options):
        if check_pinned(path):
            return sqlite3.connect(f"file:{quote(path)}?mode=rw", **{**options, "uri": True})

    @event.listens_for(engine, "connect")
    def _opened(connection, record):
        note_pinned(path)


def _prepare_sqlite(engine, parsed):
    """Every connection waits for the lock, and takes the write lock when it begins to write."""
    @event.listens_for(engine, "connect")
    def _connected(connection, record):
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MILLISECONDS}")

    @event.listens_for(engine, "begin")
    def _begun(connection):
        write = connection.get_execution_options().get("headgate_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    if parsed.database:
        _keep_to_file(engine, parsed.database)
        with storage_errors(str(parsed)):
            Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
