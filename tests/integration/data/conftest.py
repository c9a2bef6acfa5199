"""Real databases: PostgreSQL and a SQLite file, and a small table in each."""

import pytest
from sqlalchemy import create_engine, text

ROWS = [(1, 19.99, "Oslo", True, "2024-01-01 10:00", 0), (2, None, "Bergen", False, "2024-01-02 11:00", 1),
        (3, 5.5, None, True, "2024-01-03 12:00", 0), (4, 7.25, "Oslo", None, "2024-01-04 13:00", 1)]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """URL of a database that holds the table `orders`."""
    url = request.getfixturevalue("postgres") if request.param == "postgresql" else f"sqlite:///{tmp_path / 'shop.db'}"
    fill(url)
    return url


def fill(url):
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS orders"))
        connection.execute(text("CREATE TABLE orders (id INTEGER, price NUMERIC(10, 2), city VARCHAR(20), "
                                "gift BOOLEAN, bought TIMESTAMP, returned INTEGER)"))
        connection.execute(text("INSERT INTO orders VALUES (:a, :b, :c, :d, :e, :f)"),
                           [dict(zip("abcdef", row)) for row in ROWS])
    engine.dispose()
