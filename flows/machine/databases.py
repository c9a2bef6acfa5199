"""Where Prefect, MLflow and Headgate keep what they know: three SQLite files, or three databases of one PostgreSQL."""

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from headgate.errors import StorageError

SSL = {"sslmode": "ssl"}        # asyncpg's name of it
TRIGRAMS = "SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'"


def is_postgres(url):
    """True for a URL of PostgreSQL, False for one of SQLite; raises StorageError for what neither can be."""
    try:
        name = sqlalchemy.make_url(url).get_backend_name()
    except SQLAlchemyError:
        name = "no database"
    if name not in ("postgresql", "sqlite"):
        raise StorageError("HEADGATE_DATABASE_URL is not usable.", value=name, limit="postgresql://... or sqlite://...")
    return name == "postgresql"


def neighbour(url, name):
    """Return the URL of another database beside that of `url`, on the same PostgreSQL: DATABASE_name."""
    parsed = sqlalchemy.make_url(url)
    return parsed.set(drivername="postgresql+psycopg", database=f"{parsed.database or 'headgate'}_{name}")


def for_prefect(url):
    """Return the URL of Prefect's database as Prefect wants it, with its asynchronous driver."""
    beside = neighbour(url, "prefect").set(drivername="postgresql+asyncpg")
    query = {SSL.get(name, name): value for name, value in beside.query.items()}
    return shown(beside.set(query=query))


def for_mlflow(url):
    """Return the URL of MLflow's database."""
    return shown(neighbour(url, "mlflow"))


def shown(url):
    """Return a URL as text, its password in it: for the environment of a process, not for people."""
    return url.render_as_string(hide_password=False)


def create_missing(url, names=("prefect", "mlflow")):
    """Create the databases of `names` beside that of `url` where they are not there yet.

    Raises StorageError with what to type when the role may not create them, or PostgreSQL is away, or has no pg_trgm.
    """
    parsed = sqlalchemy.make_url(url).set(drivername="postgresql+psycopg")
    engine = sqlalchemy.create_engine(parsed, poolclass=NullPool, isolation_level="AUTOCOMMIT",
                                      connect_args={"connect_timeout": 5})
    for name in names:
        wanted = neighbour(url, name).database
        try:
            with engine.connect() as connection:
                _create(connection, wanted)
                trigrams = connection.execute(sqlalchemy.text(TRIGRAMS)).scalar()
        except SQLAlchemyError as error:
            raise StorageError(f"The database {wanted} is not there, or PostgreSQL is not, and it cannot be created.",
                               value=" ".join(str(getattr(error, "orig", None) or error).split()),
                               remedy=f'Have it made: CREATE DATABASE "{wanted}" OWNER "{parsed.username}";') from None
        if name == "prefect" and not trigrams:
            raise StorageError("This PostgreSQL has no extension pg_trgm, and Prefect's tables need it.",
                               remedy="Install PostgreSQL's contrib package, or give Prefect a database of its own by "
                                      "PREFECT_API_DATABASE_CONNECTION_URL.")


def _create(connection, name):
    there = connection.execute(sqlalchemy.text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
    if there.scalar() is None:
        quoted = connection.dialect.identifier_preparer.quote_identifier(name)
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {quoted}"))
