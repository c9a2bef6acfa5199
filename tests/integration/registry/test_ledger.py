"""The ledger on a real database: it chains under many writers, and shows whoever touches it."""

import sqlite3
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from filelock import FileLock
from places import workspace_at
from sqlalchemy import create_engine, text

from headgate import ledger
from headgate.errors import StorageError
from headgate.ledger import record


@pytest.fixture
def place(tmp_path):
    return workspace_at(tmp_path / "home")


def write_ten(workspace, writer):
    for number in range(10):
        ledger.append(workspace, "kettle", "validated", body={"writer": writer, "number": number}, actor=str(writer))


def test_what_is_written_is_read_back_in_order(place):
    zone = timezone(timedelta(hours=2))
    first = ledger.append(place, "kettle", "validated", body={"rows": 3, "share": float("nan")}, actor="ana@desk",
                          at=datetime(2026, 1, 1, 2, tzinfo=zone))
    second = ledger.append(place, "kettle", "registered", version=1, digest="d" * 64)
    ledger.append(place, "teapot", "validated")
    assert ledger.entries(place, "kettle") == (first, second)
    assert ledger.entries(place, "kettle", version=1) == (second,)
    assert (first.sequence, first.at, second.previous) == (1, "2026-01-01T00:00:00.000000+00:00", first.hash)
    assert first.to_dict()["body"] == {"rows": 3, "share": None}
    assert record.models(place) == ("kettle", "teapot")


def test_many_processes_and_threads_write_one_chain(place):
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(write_ten, [place] * 3, range(3)))
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write_ten, [place] * 4, range(3, 7)))
    written = ledger.entries(place, "kettle")
    assert len(written) == 70 and len({(entry.actor, entry.body) for entry in written}) == 70
    assert ledger.verify_chain(place, "kettle") == ledger.ChainCheck(True, 70)


def test_a_second_writer_waits_while_the_first_makes_the_tables(place):
    place.locks.mkdir(parents=True)
    database = sqlite3.connect(place.home / "headgate.db", isolation_level=None, check_same_thread=False)
    with closing(database) as first, ThreadPoolExecutor(1) as pool:
        with FileLock(place.locks / "schema.lock"):
            first.execute("BEGIN IMMEDIATE")
            second = pool.submit(ledger.append, place, "kettle", "validated")
            with pytest.raises(TimeoutError):
                second.result(timeout=0.5)
            first.execute("COMMIT")
        assert second.result(timeout=30).sequence == 1


def test_on_postgresql_many_hosts_write_one_chain_and_tampering_shows(postgres, tmp_path):
    """Each writer has a home of its own, as on hosts of their own; only the database is shared."""
    hosts = [replace(workspace_at(tmp_path / name), database_url=postgres) for name in ("one", "two", "three")]
    with ProcessPoolExecutor(3) as pool:
        list(pool.map(write_ten, hosts, range(3)))
    assert ledger.verify_chain(hosts[0], "kettle") == ledger.ChainCheck(True, 30)
    assert [entry.sequence for entry in ledger.entries(hosts[1], "kettle")] == list(range(1, 31))
    with create_engine(postgres).begin() as connection:
        connection.execute(text("UPDATE ledger SET actor = 'eve' WHERE sequence = 4"))
    assert ledger.verify_chain(hosts[2], "kettle").broken_at == 4
    away = replace(hosts[0], database_url="postgresql+psycopg://me:secret@127.0.0.1:9/none")
    with pytest.raises(StorageError, match="cannot be used") as caught:
        ledger.append(away, "kettle", "validated")
    assert "secret" not in str(caught.value)


SWAP = ("UPDATE ledger SET sequence = 50 WHERE sequence = 4", "UPDATE ledger SET sequence = 4 WHERE sequence = 5",
        "UPDATE ledger SET sequence = 5 WHERE sequence = 50")


@pytest.mark.parametrize(("statements", "broken_at"), [
    (("UPDATE ledger SET body = '{}' WHERE sequence = 4",), 4), (("DELETE FROM ledger WHERE sequence = 4",), 4),
    (("DELETE FROM ledger WHERE sequence = 10",), 10), (("DELETE FROM ledger",), 1), (SWAP, 4)],
    ids=["changed", "removed", "cut off", "emptied", "reordered"])
def test_a_tampered_ledger_says_where(place, statements, broken_at):
    write_ten(place, 0)
    with closing(sqlite3.connect(place.home / "headgate.db")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    found = ledger.verify_chain(place, "kettle")
    assert not found.ok and found.broken_at == broken_at and found.why
    assert ledger.verify_chain(place, "teapot").ok


def test_a_database_of_a_newer_headgate_is_left_alone(place):
    write_ten(place, 0)
    with closing(sqlite3.connect(place.home / "headgate.db")) as connection:
        connection.execute("UPDATE headgate_schema SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StorageError, match="newer Headgate"):
        ledger.entries(place, "kettle")


def test_the_migrations_make_the_tables_that_the_code_names(place):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from headgate.database import transaction
    from headgate.database.tables import metadata
    from headgate.database.upgrade import SCHEMA_TABLE
    with transaction(place) as connection:
        context = MigrationContext.configure(connection, opts={"version_table": SCHEMA_TABLE, "compare_type": True})
        assert compare_metadata(context, metadata) == []
