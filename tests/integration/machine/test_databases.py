"""Databases are made on a real PostgreSQL, once, and what is missing there is told before anything starts."""

import pytest
import sqlalchemy

from flows.machine.databases import create_missing, for_mlflow, neighbour
from flows.machine.prepare import prepare
from headgate.errors import StorageError
from headgate.workspace import Workspace


def names(url):
    engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)
    with engine.connect() as connection:
        return {one for one, in connection.execute(sqlalchemy.text("SELECT datname FROM pg_database"))}


def tables(url):
    return set(sqlalchemy.inspect(sqlalchemy.create_engine(url, poolclass=sqlalchemy.pool.NullPool)).get_table_names())


def test_headgate_and_mlflow_get_databases_of_their_own(fresh_database, tmp_path):
    url = fresh_database()
    environment = {"HEADGATE_HOME": str(tmp_path), "HEADGATE_DATABASE_URL": url, "MLFLOW_TRACKING_URI": for_mlflow(url)}
    for _ in range(2):
        prepare(Workspace.from_environment(environment), ("mlflow",))
    assert "ledger" in tables(url) and "registered_models" not in tables(url)
    assert "registered_models" in tables(for_mlflow(url)) and "ledger" not in tables(for_mlflow(url))


def test_a_postgresql_without_trigrams_is_told(fresh_database):
    url = fresh_database()
    with pytest.raises(StorageError, match="no extension pg_trgm.*contrib"):
        create_missing(url)
    assert neighbour(url, "prefect").database in names(url)


def test_one_that_is_away_or_refuses_is_told_with_what_to_type(fresh_database):
    url = sqlalchemy.make_url(fresh_database())
    with sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.execute(sqlalchemy.text("CREATE ROLE guest LOGIN"))
    for wrong in (url.set(username="guest"), url.set(query={"host": "/nowhere"})):
        with pytest.raises(StorageError, match='CREATE DATABASE "fresh_.*_mlflow" OWNER'):
            create_missing(wrong.render_as_string(hide_password=False), ("mlflow",))
