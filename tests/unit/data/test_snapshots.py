"""Immutable tables named after their content, and whether a source has changed."""

import errno

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from headgate.data import coerce, fingerprint, read_snapshot, read_table, write_snapshot
from headgate.data.snapshots import content_digest
from headgate.errors import SourceError, StorageError


def frame():
    return pd.DataFrame({"n": [1.0, np.nan, -0.0], "c": pd.Series(["a", None, "größe"], dtype="str"),
                         "t": pd.to_datetime(["2013-10-31 17:05", None, "2013-01-01 00:00"]).astype("datetime64[us]")})


def test_a_snapshot_comes_back_as_it_was(tmp_path):
    snapshot = write_snapshot(frame(), tmp_path / "new")
    pd.testing.assert_frame_equal(read_snapshot(snapshot), frame())
    assert list(read_snapshot(snapshot, columns=["c"])) == ["c"]
    assert snapshot.rows == 3 and snapshot.path.name == f"{snapshot.digest}.parquet"


def test_a_typed_frame_comes_back_with_its_dtypes(make_spec, folder):
    spec = make_spec(data={"key": ["price", "city"]})
    typed = coerce(read_table(spec, folder).frame, spec).frame
    pd.testing.assert_frame_equal(read_snapshot(write_snapshot(typed, folder)), typed)


@pytest.mark.parametrize("change", [
    lambda f: f.assign(n=[1.0, np.nan, 1e-300]), lambda f: f.assign(n=[1.0, 0.0, 0.0]),
    lambda f: f.assign(c=["a", "b", "größe"]), lambda f: f.rename(columns={"c": "d"}), lambda f: f[["c", "n", "t"]],
    lambda f: f[:2], lambda f: f[::-1], lambda f: f.assign(c=["ag", None, "röße"])])
def test_any_change_of_content_changes_the_digest(change):
    assert content_digest(change(frame())) != content_digest(frame())


def test_how_it_is_stored_does_not_change_the_digest():
    other = frame().set_axis([7, 8, 9]).astype({"c": object, "t": "datetime64[ns]"})
    other["n"] = [1.0, float("nan"), 0.0]
    assert content_digest(other) == content_digest(frame())


def test_writing_twice_writes_once(tmp_path):
    first = write_snapshot(frame(), tmp_path)
    before = first.path.stat().st_mtime_ns
    assert write_snapshot(frame(), tmp_path) == first
    assert first.path.stat().st_mtime_ns == before and len(list(tmp_path.iterdir())) == 1


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def fail(table, path, **options):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pq, "write_table", fail)
    with pytest.raises(StorageError, match="the disk is full"):
        write_snapshot(frame(), tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_snapshot_says_so(tmp_path):
    snapshot = write_snapshot(frame(), tmp_path)
    snapshot.path.write_bytes(b"PAR1 and no more")
    with pytest.raises(SourceError, match="cannot be read.*--force"):
        read_snapshot(snapshot)


def test_a_fingerprint_follows_the_bytes_and_the_way_they_are_read(make_spec, folder):
    def of(day=None, **data):
        return fingerprint(make_spec(data=data), folder, as_of=day)

    first = of()
    assert of() == first
    assert len({first, of(day="2013-11-01"), of(source={"csv": "shop.csv", "separator": ";"}),
                of(keep=[{"column": "price", "not_null": True, "why": "x"}])}) == 4
    (folder / "shop.csv").write_text((folder / "shop.csv").read_text() + "9,9,1,1,1\n")
    assert of() != first


def test_a_fingerprint_covers_joined_tables_and_replacements(make_spec, folder):
    (folder / "right.csv").write_text("city,people\nOslo,1\n")
    (folder / "other.csv").write_text("price\n1\n")
    spec = make_spec(data={"joins": [{"source": {"csv": "right.csv"}, "on": ["city"], "columns": ["people"]}]})
    first = fingerprint(spec, folder, as_of=None)
    assert fingerprint(spec, folder, as_of=None, data=str(folder / "other.csv")) != first
    (folder / "right.csv").write_text("city,people\nOslo,2\n")
    assert fingerprint(spec, folder, as_of=None) != first


def test_a_fingerprint_of_a_folder_and_of_nothing(make_spec, folder):
    (folder / "parts").mkdir()
    (folder / "parts" / "a.parquet").write_bytes(b"1")
    spec = make_spec(data={"source": {"parquet": "parts"}})
    first = fingerprint(spec, folder, as_of=None)
    (folder / "parts" / "b.parquet").write_bytes(b"2")
    assert fingerprint(spec, folder, as_of=None) != first
    with pytest.raises(SourceError, match="no file at"):
        fingerprint(make_spec(data={"source": {"csv": "none.csv"}}), folder, as_of=None)
