"""Files that are there whole or not at all."""

import errno

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headgate.errors import SourceError, StorageError
from headgate.scoring import drafts
from headgate.scoring.files import Predictions, Quarantine

TABLE = pa.table({"key": ["a", "b"], "probability": [0.1, 0.9]})


@pytest.mark.parametrize("name", ["out.parquet", "out.csv"])
def test_tables_add_up_and_appear_only_once_kept(tmp_path, name):
    with Predictions(tmp_path / "new" / name) as file:
        file.write(TABLE)
        file.write(TABLE)
        assert not (tmp_path / "new" / name).exists()
        file.keep()
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    assert read(tmp_path / "new" / name).to_dict("list") == {"key": ["a", "b"] * 2, "probability": [0.1, 0.9] * 2}
    assert [one.name for one in (tmp_path / "new").iterdir()] == [name]


@pytest.mark.parametrize("name", ["out.parquet", "out.csv"])
def test_what_is_not_kept_leaves_the_file_before_and_nothing_else(tmp_path, name):
    (tmp_path / name).write_text("before")
    with pytest.raises(KeyError), Predictions(tmp_path / name) as file:
        file.write(TABLE)
        raise KeyError
    assert [one.read_text() for one in tmp_path.iterdir()] == ["before"]


def test_the_first_table_decides_the_kinds(tmp_path):
    with Predictions(tmp_path / "out.parquet") as file:
        file.write(pa.table({"key": pa.array([1, None]), "text": pa.nulls(2)}))
        file.write(pa.table({"key": pa.array([2.0]), "text": pa.array(["x"])}))
        with pytest.raises(SourceError, match="changes its kind"):
            file.write(pa.table({"key": pa.array(["one"]), "text": pa.array(["x"])}))
        file.keep()
    assert pq.read_table(tmp_path / "out.parquet").to_pydict() == {"key": [1, None, 2], "text": [None, None, "x"]}


@pytest.mark.parametrize("value, kind", [
    (b"\xff\x00", "binary"), ({"a": 1}, "struct<a: int64>"), ([1, 2], "list<item: int64>")])
def test_a_kind_of_key_that_a_csv_cannot_hold_is_told_with_what_to_do(tmp_path, value, kind):
    table = pa.table({"id": pa.array([value, None]), "probability": [0.1, 0.9]})
    with pytest.raises(SourceError) as told, Predictions(tmp_path / "out.csv") as file:
        file.write(table)
    assert "'id'" in str(told.value) and f"the kind {kind}" in str(told.value) and ".parquet" in str(told.value)
    assert "changes" not in str(told.value) and list(tmp_path.iterdir()) == []
    with Predictions(tmp_path / "out.parquet") as file:
        file.write(table)
        file.keep()
    assert pq.read_table(tmp_path / "out.parquet")["id"].to_pylist() == [value, None]


def test_bytes_that_are_text_are_that_text_in_a_csv(tmp_path):
    with Predictions(tmp_path / "out.csv") as file:
        file.write(pa.table({"id": pa.array([b"a-1", None])}))
        file.keep()
    assert (tmp_path / "out.csv").read_text() == '"id"\n"a-1"\n\n'


def test_a_folder_that_cannot_be_made_and_a_disk_that_is_full(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        Predictions(tmp_path / "file" / "out.csv")

    def full(_):
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(drafts.os, "fsync", full)
    with pytest.raises(StorageError, match="out.csv could not be written: No space left"), \
            Predictions(tmp_path / "out.csv") as file:
        file.write(TABLE)
        file.keep()
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


def test_quarantine_is_a_file_only_where_there_are_rows(tmp_path):
    with Quarantine(tmp_path / "bad.csv") as aside:
        aside.write(())
        assert aside.keep() is None
    assert list(tmp_path.iterdir()) == []
    with Quarantine(tmp_path / "bad.csv") as aside:
        aside.write(pd.DataFrame({"row": [1], "reason": ["a, b"]}))
        aside.write(pd.DataFrame({"row": [9], "reason": ["ø"]}))
        assert aside.keep() == str(tmp_path / "bad.csv")
    assert (tmp_path / "bad.csv").read_text(encoding="utf-8") == 'row,reason\n1,"a, b"\n9,ø\n'
    assert len(list(tmp_path.iterdir())) == 1
