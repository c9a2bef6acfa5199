"""Read versions straight from MLflow's SQLite file: importing MLflow takes over a second, this a millisecond.

It writes nothing of its own; opened for writing, SQLite can undo what a killed writer left half-done.
`headgate.registry.mlflow_store` answers when the tables are not the ones known here, and a test holds that both give
the same answer.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from headgate.errors import RegistryError
from headgate.registry.values import DIGEST, RegisteredVersion

SECONDS = 5.0
_VERSIONS = ("SELECT version, run_id, COALESCE(storage_location, source), creation_time FROM model_versions "
             "WHERE name = ? AND COALESCE(current_stage, '') != 'Deleted_Internal' ORDER BY version")
_TAGS = "SELECT version, key, value FROM model_version_tags WHERE name = ?"
_ALIASES = "SELECT version, alias FROM registered_model_aliases WHERE name = ? ORDER BY alias"


def database_file(uri):
    """Return the path of an SQLite tracking URI, or None for any other."""
    if not uri.startswith("sqlite:///"):
        return None
    return Path(uri.removeprefix("sqlite:///").split("?")[0])


def read_versions(path, model):
    """Return every version of `model` (complete or not), oldest first; () without a file; None if unknown tables.

    Raises RegistryError when the file is locked or unreadable.
    """
    if not path.is_file():
        return ()
    try:
        with closing(_connect(path)) as connection:
            rows = [connection.execute(query, (model,)).fetchall() for query in (_VERSIONS, _TAGS, _ALIASES)]
    except sqlite3.Error as error:
        if "no such" in str(error):
            return None
        raise away(path, error) from error
    return tuple(_version(model, row, *rows[1:]) for row in rows[0])


def list_names(path):
    """Return the names of all registered models, sorted; None if the tables are unknown."""
    if not path.is_file():
        return ()
    try:
        with closing(_connect(path)) as connection:
            return tuple(row[0] for row in connection.execute("SELECT name FROM registered_models ORDER BY name"))
    except sqlite3.Error as error:
        if "no such" in str(error):
            return None
        raise away(path, error) from error


def check_writable(path):
    """Raise RegistryError at once when the file cannot be written to, instead of after MLflow's retries."""
    try:
        with closing(sqlite3.connect(path, timeout=SECONDS)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
    except sqlite3.Error as error:
        raise away(path, error) from error


def away(path, error):
    """Return the RegistryError for what SQLite said about the registry's file."""
    if "locked" in str(error):
        return RegistryError(f"The registry {path} is locked by another process.", value=str(error),
                             remedy="Wait for it to end (or end it), then run the same command again.")
    return RegistryError(f"The registry {path} cannot be used.", value=str(error),
                         remedy="Check that the disk is not full and the file is a readable SQLite database.")


def _connect(path):
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=SECONDS)


def _version(model, row, tags, aliases):
    number, run_id, location, created = row
    own = {key: value for version, key, value in tags if version == number}
    named = tuple(alias for version, alias in aliases if version == number)
    return RegisteredVersion(model, str(number), own.get(DIGEST, ""), run_id or "", created or 0, location or "",
                             named, own)
