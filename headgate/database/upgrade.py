"""Bring the database to the schema of this version, once, whoever comes first."""

import sqlalchemy
from filelock import FileLock

from headgate.errors import StorageError

SCHEMA_TABLE = "headgate_schema"
HEAD = "0002"
_ADVISORY_LOCK = 7_204_100_001


def upgrade_schema(engine, workspace):
    """Apply the migrations that are missing; costs one query when there are none."""
    current = _told_revision(engine)
    if current == HEAD:
        return
    if current is not None and current > HEAD:
        raise StorageError("The database was written by a newer Headgate.", value=f"schema {current}",
                           limit=f"schema {HEAD}", remedy="Update this checkout.")
    if engine.dialect.name == "sqlite":
        workspace.locks.mkdir(parents=True, exist_ok=True)
        with FileLock(workspace.locks / "schema.lock", timeout=60):
            _write_ahead(engine)
            _upgrade(engine)
    else:
        _upgrade(engine)


def _upgrade(engine):
    with engine.connect().execution_options(headgate_write=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(sqlalchemy.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        if _revision(connection) != HEAD:
            _migrate(connection)


def _write_ahead(engine):
    """Switch the file to WAL, which it keeps; two that switch at once would not wait for each other."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


def _told_revision(engine):
    """Return the revision with a single query, or None where that is not so easy."""
    try:
        with engine.connect() as connection:
            return connection.execute(sqlalchemy.text(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalar()
    except (sqlalchemy.exc.OperationalError, sqlalchemy.exc.ProgrammingError):
        return None


def _revision(connection):
    if not sqlalchemy.inspect(connection).has_table(SCHEMA_TABLE):
        return None
    return connection.execute(sqlalchemy.text(f"SELECT version_num FROM {SCHEMA_TABLE}")).scalar()


def _migrate(connection):
    from alembic import command
    from alembic.config import Config
    config = Config()
    config.set_main_option("script_location", "headgate.database:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
