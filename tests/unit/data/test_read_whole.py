"""A table is read as it is or not at all: damaged bytes, missing decompressors, large numbers, names."""

import sqlite3
import sys
from contextlib import closing

import pandas as pd
import pytest

from headgate.data import coerce, read_snapshot, read_table, write_snapshot
from headgate.data.snapshots import content_digest
from headgate.errors import SourceError
from headgate.validation import validate

HEAD = b"price,items,gift,city,returned\n"


@pytest.mark.parametrize("rows, line", [
    (b"-2.\0\0\0" b"325031,1,1,Oslo,0\n", 2), (b"1,1,1,Oslo,0\n" * 150000 + b"1,1,1,Os\0lo,0\n", 150002),
    (b"1,1,1,Oslo,0\n\0\0\0\0\n", 3)])
def test_a_nul_byte_is_refused_with_its_line(make_spec, folder, rows, line):
    (folder / "shop.csv").write_bytes(HEAD + rows)
    with pytest.raises(SourceError, match=f"shop.csv has a NUL byte.*line {line}, byte"):
        read_table(make_spec(), folder)


@pytest.mark.parametrize("encoding", ["utf-16", "UTF-16LE", "utf_32"])
def test_wide_encodings_are_full_of_such_bytes(make_spec, folder, encoding):
    (folder / "shop.csv").write_bytes((HEAD + b"1.5,1,1,Oslo,0\n").decode().encode(encoding))
    frame = read_table(make_spec(data={"source": {"csv": "shop.csv", "encoding": encoding}}), folder).frame
    assert frame["price"][0] == 1.5


def test_a_missing_decompressor_is_explained(make_spec, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "zstandard", None)
    (folder / "shop.csv.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    with pytest.raises(SourceError, match="shop.csv.zst.*(cannot be unpacked|cannot be read)"):
        read_table(make_spec(data={"source": {"csv": "shop.csv.zst"}}), folder)


def test_a_folder_is_no_csv(make_spec, folder):
    (folder / "tables").mkdir()
    with pytest.raises(SourceError, match="tables is a folder"):
        read_table(make_spec(data={"source": {"csv": "tables"}}), folder)


# --- integers that a float cannot hold

LARGE = 2 ** 53


def keyed(make_spec, folder, keys):
    pd.DataFrame({"order": pd.array(keys, dtype="Int64"), "price": 1.5, "returned": 0}).to_parquet(folder / "o.parquet")
    return make_spec(columns=[{"name": "price", "kind": "number"}], data={"source": {"parquet": "o.parquet"},
                                                                          "key": ["order"], "min_rows": 10})


def test_large_keys_beside_a_null_stay_different(make_spec, folder):
    keys = [LARGE + i for i in range(20)] + [None]
    spec = keyed(make_spec, folder, keys)
    frame = read_table(spec, folder).frame
    assert [None if pd.isna(key) else key for key in frame["order"]] == keys
    uniqueness = next(check for check in validate(frame, spec, as_of=None).checks if check.rule == "uniqueness")
    assert uniqueness.ok and uniqueness.count == 0


def test_snapshots_of_large_keys_are_told_apart_and_read_back(make_spec, folder):
    snapshots = []
    for last in (LARGE, LARGE + 1):
        spec = keyed(make_spec, folder, [LARGE + 2, None, last])
        typed = coerce(read_table(spec, folder).frame, spec).frame
        snapshots.append(write_snapshot(typed, folder / "snapshots"))
    assert len({snapshot.digest for snapshot in snapshots}) == 2
    assert [read_snapshot(snapshot)["order"][2] for snapshot in snapshots] == [LARGE, LARGE + 1]


def test_large_keys_of_a_database_beside_a_null_stay_different(make_spec, folder):
    with closing(sqlite3.connect(folder / "shop.db")) as database:
        database.execute("CREATE TABLE orders (number INTEGER, price REAL, returned INTEGER)")
        database.executemany("INSERT INTO orders VALUES (?, 1.5, 0)", [(LARGE,), (LARGE + 1,), (None,)])
        database.commit()
    source = {"sql": {"url": "sqlite:///shop.db", "query": "SELECT * FROM orders"}}
    spec = make_spec(columns=[{"name": "price", "kind": "number"}], data={"source": source, "key": ["number"]})
    assert list(read_table(spec, folder).frame["number"].dropna()) == [LARGE, LARGE + 1]


def test_small_integers_have_the_digest_that_they_had(make_spec, folder):
    assert content_digest(pd.DataFrame({"a": [1, 2]})) == content_digest(pd.DataFrame({"a": [1.0, 2.0]}))


# --- names

def test_a_reading_knows_every_column_of_the_table(make_spec, folder):
    (folder / "shop.csv").write_text("Price,items,gift, city ,returned,seller\n1,1,1,Oslo,0,x\n")
    reading = read_table(make_spec(), folder)
    assert reading.names == ("Price", "items", "gift", " city ", "returned", "seller")
    assert set(reading.frame) == {"items", "gift", "returned"}


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("there, told", [("PRICE", "nearest column of the table is 'PRICE'"),
                                         (" price ", "nearest column of the table is ' price '"),
                                         ("zzz", "The table has 'zzz', 'items', 'gift', 'city', 'returned'")])
def test_a_column_missing_by_case_or_spaces_is_told_the_nearest_name(make_spec, folder, ending, there, told):
    frame = pd.read_csv(folder / "shop.csv").rename(columns={"price": there})
    getattr(frame, f"to_{ending}")(folder / f"other.{ending}", index=False)
    spec = make_spec(data={"source": {ending: f"other.{ending}"}})
    reading = read_table(spec, folder)
    report = validate(reading.frame, spec, as_of=None, names=reading.names)
    assert told in next(check.sentence for check in report.failed if check.rule == "schema")
