"""Tables from real databases."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import create_engine, text

import headgate.data.sql as sql
from headgate.data import coerce, fingerprint, read_table
from headgate.errors import SourceError, SpecError
from headgate.spec import ModelSpec

QUERY = "SELECT * FROM orders ORDER BY id"


def orders_spec(url, query=QUERY, **data):
    return ModelSpec.model_validate({
        "name": "orders",
        "data": {"source": {"sql": {"url": url, "query": query}}, "key": ["id"], "time_column": "bought", **data},
        "columns": [{"name": "price", "kind": "number", "nullable": True},
                    {"name": "gift", "kind": "boolean", "nullable": True},
                    {"name": "city", "kind": "category", "categories": ["Oslo", "Bergen"], "nullable": True}],
        "target": {"column": "returned", "classes": ["0", "1"]},
        "algorithms": ["logistic_regression"]})


def read(spec, tmp_path, as_of=date(2024, 2, 1)):
    return read_table(spec, tmp_path, as_of=as_of)


def test_a_query_becomes_a_typed_table(database, tmp_path):
    spec = orders_spec(database)
    done = coerce(read(spec, tmp_path).frame, spec)
    assert done.unconvertible == {} and done.missing == ()
    assert list(done.frame["price"].fillna(-1)) == [19.99, -1, 5.5, 7.25]
    assert list(done.frame["gift"].fillna(-1)) == [1, 0, 1, -1]
    assert list(done.frame["city"].fillna("")) == ["Oslo", "Bergen", "", "Oslo"]
    assert list(done.frame["returned"]) == ["0", "1", "0", "1"]
    assert done.frame["bought"][0] == pd.Timestamp("2024-01-01 10:00")


def test_blocks_add_up_to_the_whole(database, tmp_path, monkeypatch):
    spec = orders_spec(database)
    whole = coerce(read(spec, tmp_path).frame, spec).frame
    monkeypatch.setattr(sql, "CHUNK", 1)
    pd.testing.assert_frame_equal(coerce(read(spec, tmp_path).frame, spec).frame, whole)


def test_only_what_is_visible_on_the_day(database, tmp_path):
    assert len(read(orders_spec(database), tmp_path, as_of=date(2024, 1, 3)).frame) == 2


def test_a_query_may_hold_colons_and_percent_signs(database, tmp_path):
    query = "SELECT *, '12:30 %s 50%' AS note FROM orders WHERE city LIKE 'O%' ORDER BY id"
    assert len(read(orders_spec(database, query), tmp_path).frame) == 2


def test_a_join_with_a_file(database, tmp_path):
    (tmp_path / "people.csv").write_text("id,people\n1,10\n3,30\n")
    join = {"source": {"csv": "people.csv"}, "on": ["id"], "columns": ["people"]}
    frame = read(orders_spec(database, joins=[join]), tmp_path).frame
    assert list(frame["people"].fillna(-1)) == [10, -1, 30, -1]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_the_password_comes_from_the_environment(database, tmp_path, monkeypatch):
    spec = orders_spec(database.replace("postgres:@", "postgres:${ORDERS_PASSWORD}@"))
    with pytest.raises(SpecError, match="ORDERS_PASSWORD is not set"):
        read(spec, tmp_path)
    monkeypatch.setenv("ORDERS_PASSWORD", "hunter2")
    reading = read(spec, tmp_path)
    assert len(reading.frame) == 4
    assert "${ORDERS_PASSWORD}" in reading.source and "hunter2" not in reading.source


def test_a_database_that_is_away(tmp_path, monkeypatch):
    monkeypatch.setenv("ORDERS_PASSWORD", "hunter2")
    url = "postgresql+psycopg://me:${ORDERS_PASSWORD}@127.0.0.1:1/orders?connect_timeout=2"
    with pytest.raises(SourceError, match="failed.*Is the database up") as caught:
        read(orders_spec(url), tmp_path)
    assert "hunter2" not in str(caught.value) and caught.value.__suppress_context__


def test_a_query_that_fails_or_returns_nothing(database, tmp_path):
    with pytest.raises(SourceError, match="failed.*nosuch"):
        read(orders_spec(database, "SELECT * FROM nosuch"), tmp_path)
    with pytest.raises(SourceError, match="returned no rows"):
        read(orders_spec(database, "SELECT * FROM orders WHERE id > 99"), tmp_path)


def test_two_result_columns_of_one_name(database, tmp_path):
    with pytest.raises(SourceError, match="more than one column called 'price'"):
        read(orders_spec(database, "SELECT o.*, 1 AS price FROM orders o"), tmp_path)


def test_a_url_that_is_none_and_a_driver_that_is_missing(tmp_path):
    with pytest.raises(SpecError, match="no SQLAlchemy URL"):
        read(orders_spec("orders at my place"), tmp_path)
    with pytest.raises(SpecError, match="no SQLAlchemy URL"):
        read(orders_spec("nosuchdb://host/orders"), tmp_path)
    with pytest.raises(SourceError, match="driver .* is not installed.*pip install"):
        read(orders_spec("oracle+cx_oracle://me:hunter2@host/orders"), tmp_path)


def test_a_sqlite_file_is_relative_to_the_model_and_never_made(tmp_path):
    with pytest.raises(SourceError, match="no SQLite file"):
        read(orders_spec("sqlite:///orders.db"), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_fingerprint_follows_the_rows_and_not_their_order(database, tmp_path):
    def of():
        return fingerprint(orders_spec(database, "SELECT * FROM orders"), tmp_path, as_of=date(2024, 2, 1))

    first = of()
    assert of() == first
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE kept AS SELECT * FROM orders ORDER BY id DESC"))
        connection.execute(text("DELETE FROM orders"))
        connection.execute(text("INSERT INTO orders SELECT * FROM kept"))
    assert of() == first
    with engine.begin() as connection:
        connection.execute(text("UPDATE orders SET price = 20 WHERE id = 1"))
    engine.dispose()
    assert of() != first
