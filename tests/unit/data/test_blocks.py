"""A table in blocks says what the whole table says."""

import gzip
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from headgate.data import coerce, read_table
from headgate.data.blocks import read_blocks
from headgate.data.parquets import parquet_blocks
from headgate.errors import SourceError, SpecError

MODEL = ["price", "items", "gift", "city"]


def shop(rows=23):
    draw = np.random.default_rng(0)
    frame = pd.DataFrame({"order": [f"{number:03d}" for number in range(rows)], "price": draw.normal(size=rows),
                          "items": draw.integers(0, 9, rows).astype(float),
                          "gift": draw.choice(["yes", "no", ""], rows),
                          "city": draw.choice(["Oslo", "007", "1", "NA", "Brügge, old"], rows), "returned": "0"})
    frame.loc[[3, 17], "price"] = np.nan
    frame.loc[[5, 6, 7, 8], "items"] = np.nan
    return frame


def together(blocks):
    blocks = list(blocks)
    return pd.concat([block.frame for block in blocks]), blocks


def same(spec, folder, rows, **source):
    """Assert that blocks of `rows` are typed as the whole table is; return the blocks."""
    whole = read_table(spec, folder, data=source.get("data")).frame
    frame, blocks = together(read_blocks(spec, folder, rows=rows, **source))
    assert frame.index.tolist() == list(range(len(whole)))
    typed, parts = coerce(whole, spec), [coerce(block.frame, spec) for block in blocks]
    pd.testing.assert_frame_equal(pd.concat([part.frame[MODEL] for part in parts]), typed.frame[MODEL],
                                  check_index_type=False)
    for name in MODEL:
        found = np.concatenate([part.unconvertible.get(name, np.zeros(len(part.frame), bool)) for part in parts])
        assert found.tolist() == typed.unconvertible.get(name, np.zeros(len(whole), bool)).tolist()
    return blocks


@pytest.mark.parametrize("city", ["Oslo", '"Os\nlo"'])
def test_a_key_comes_out_as_it_went_in_whatever_it_is_called(make_spec, tmp_path, city):
    rows = f"NA,1,1,yes,{city},0\nNone,2,NA,no,1,0\n,NA,3,no,1,0\n"
    (tmp_path / "t.csv").write_text("order,price,items,gift,city,returned\n" + rows)
    blocks = same(make_spec(data={"key": ["order"]}), tmp_path, 2, data=str(tmp_path / "t.csv"))
    assert pa.concat_arrays([block.identity["order"] for block in blocks]).to_pylist() == ["NA", "None", None]


def test_a_bad_cell_moves_no_other_number(make_spec, tmp_path):
    draw = np.random.default_rng(3)
    texts = [repr(float(value)) for value in draw.normal(size=500) * 10.0 ** draw.integers(-9, 9, 500)]
    rows = "".join(f"{text},1,yes,Oslo,0\n" for text in [*texts, "cheap"])
    (tmp_path / "t.csv").write_text("price,items,gift,city,returned\n" + rows)
    spec, place = make_spec(), str(tmp_path / "t.csv")
    for frames in ([read_table(spec, tmp_path, data=place).frame],
                   [one.frame for one in read_blocks(spec, tmp_path, rows=50, data=place)]):
        found = np.concatenate([coerce(frame, spec).frame["price"].to_numpy() for frame in frames])
        assert found[:-1].tolist() == [float(text) for text in texts] and np.isnan(found[-1])


@pytest.mark.parametrize("rows", [1, 7, 1000])
@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.csv.zip", "t.parquet"])
def test_blocks_of_a_file_are_the_whole_file(make_spec, tmp_path, name, rows):
    spec, frame = make_spec(data={"key": ["order"]}), shop()
    frame.to_parquet(tmp_path / name) if name.endswith("parquet") else frame.to_csv(tmp_path / name, index=False)
    blocks = same(spec, tmp_path, rows, data=str(tmp_path / name))
    assert [len(block.frame) for block in blocks[:-1]] == [rows] * (len(blocks) - 1)
    assert pa.concat_arrays([block.identity["order"] for block in blocks]).to_pylist() == frame["order"].tolist()
    assert "returned" not in blocks[0].frame, "the answer is not read"
    assert "returned" in blocks[0].names and blocks[0].source.endswith(name)


def test_cells_that_cannot_be_read_are_told_in_blocks_too(make_spec, tmp_path):
    (tmp_path / "t.csv").write_text("price,items,gift,city,returned\n1,1,1,Oslo,0\nmany,2,no,007,0\n3,1.5,maybe,1,0\n")
    for rows in (1, 2, 3):
        same(make_spec(), tmp_path, rows, data=str(tmp_path / "t.csv"))


def test_a_csv_written_as_the_source_states(make_spec, tmp_path):
    spec = make_spec(data={"source": {"csv": "x.csv", "separator": ";", "decimal": ",", "encoding": "latin-1"}})
    (tmp_path / "t.csv").write_text("price;items;gift;city;returned\n1,5;1;yes;Oslo;0\n2,25;2;no;Brügge;1\n",
                                    encoding="latin-1")
    blocks = same(spec, tmp_path, 1, data=str(tmp_path / "t.csv"))
    assert [block.frame["price"].iloc[0] for block in blocks] == [1.5, 2.25]
    assert blocks[1].frame["city"].iloc[0] == "Brügge"
    (tmp_path / "t.csv").write_text("price;items;gift;city;returned\n1,5;1;yes;Oslo;0\n2.25;2;no;a;1\n")
    with pytest.raises(SourceError, match="not written as its source states"):
        together(read_blocks(spec, tmp_path, rows=1, data=str(tmp_path / "t.csv")))


HEADER = "price,items,gift,city\n"
BROKEN = {"nothing": ("", "is empty"), "a header only": (HEADER, "has a header but no rows"),
          "a row too long": (HEADER + "1,2,no,Oslo\n1,2,no,Oslo,5\n", "1 rows with more fields.*row 2"),
          "a NUL byte": (HEADER + "1,2,no,Oslo\n1,\0,no,Oslo\n", "NUL byte.*line 3"),
          "no column": ("a,b\n1,2\n", "none of the columns"),
          "a column twice": ("price,price\n1,2\n", "more than one column"),
          "another encoding": ((HEADER + "1,2,no,Br\xfcgge\n").encode("latin-1"), "is not utf-8 text")}


@pytest.mark.parametrize("case", BROKEN)
def test_a_csv_that_cannot_be_read(make_spec, tmp_path, case):
    content, told = BROKEN[case]
    (tmp_path / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(SourceError, match=told):
        together(read_blocks(make_spec(), tmp_path, rows=1, data=str(tmp_path / "t.csv")))


def test_quoted_separators_and_trailing_ones_are_no_extra_fields(make_spec, tmp_path):
    (tmp_path / "t.csv").write_text(HEADER + '1,2,no,"Oslo, old"\n1,2,no,"a,\nb"\n1,2,no,Oslo,\n')
    frame, _ = together(read_blocks(make_spec(), tmp_path, rows=1, data=str(tmp_path / "t.csv")))
    assert frame["city"].tolist() == ["Oslo, old", "a,\nb", "Oslo"]


def test_a_compressed_file_that_is_cut_off(make_spec, tmp_path):
    whole = gzip.compress((HEADER + "1,2,no,Oslo\n" * 5000).encode())
    (tmp_path / "t.csv.gz").write_bytes(whole[:len(whole) // 2])
    with pytest.raises(SourceError, match="cannot be read"):
        together(read_blocks(make_spec(), tmp_path, rows=100, data=str(tmp_path / "t.csv.gz")))
    with zipfile.ZipFile(tmp_path / "t.csv.zip", "w") as archive:
        archive.writestr("a.csv", HEADER)
        archive.writestr("b.csv", HEADER)
    with pytest.raises(SourceError, match="cannot be read"):
        together(read_blocks(make_spec(), tmp_path, rows=100, data=str(tmp_path / "t.csv.zip")))


def test_a_parquet_that_cannot_be_read(make_spec, tmp_path):
    shop().to_parquet(tmp_path / "t.parquet")
    whole = (tmp_path / "t.parquet").read_bytes()
    (tmp_path / "t.parquet").write_bytes(whole[:len(whole) // 2])
    with pytest.raises(SourceError, match="no whole Parquet"):
        together(read_blocks(make_spec(), tmp_path, rows=5, data=str(tmp_path / "t.parquet")))
    shop().iloc[:0].to_parquet(tmp_path / "t.parquet")
    with pytest.raises(SourceError, match="no rows"):
        together(read_blocks(make_spec(), tmp_path, rows=5, data=str(tmp_path / "t.parquet")))
    pd.DataFrame({"other": [1]}).to_parquet(tmp_path / "t.parquet")
    with pytest.raises(SourceError, match="none of the columns"):
        together(read_blocks(make_spec(), tmp_path, rows=5, data=str(tmp_path / "t.parquet")))


def test_small_row_groups_are_read_together_and_large_ones_in_parts(make_spec, tmp_path):
    path = tmp_path / "t.parquet"
    for group, rows, lengths in ((2, 7, [6, 6, 6, 5]), (10, 4, [4, 4, 2, 4, 4, 2, 3]), (10, 100, [23])):
        shop().to_parquet(path, row_group_size=group)
        blocks = same(make_spec(data={"key": ["order"]}), tmp_path, rows, data=str(path))
        assert [len(block.frame) for block in blocks] == lengths
        assert sum((block.identity["order"].to_pylist() for block in blocks), []) == shop()["order"].tolist()


def test_a_file_of_many_row_groups_takes_no_more_memory_than_one_of_few(tmp_path):
    draw, most = np.random.default_rng(0), []
    for rows in (40_000, 400_000):
        pd.DataFrame({"price": draw.normal(size=rows)}).to_parquet(tmp_path / "t.parquet", row_group_size=10_000)
        before = pa.total_allocated_bytes()
        most.append(max(pa.total_allocated_bytes() - before
                        for _ in parquet_blocks(tmp_path / "t.parquet", "t", rows=10_000)))
    assert most[1] < most[0] * 1.5, "3.2 MB of prices, of which a block needs 0.08"


def test_a_folder_of_parquet_files_with_partitions(make_spec, tmp_path):
    shop().assign(city=lambda rows: rows["city"].replace("Brügge, old", "Oslo")).to_parquet(
        tmp_path / "shop", partition_cols=["city"])
    spec = make_spec(data={"source": {"parquet": "shop"}, "key": ["order"]})
    blocks = same(spec, tmp_path, 4)
    assert sorted(pa.concat_arrays([one.identity["order"] for one in blocks]).to_pylist()) == shop()["order"].tolist()


def test_keys_and_times_keep_the_kind_that_they_have(make_spec, tmp_path):
    spec = make_spec(data={"key": ["order"], "time_column": "bought"})
    big = 2 ** 53 + 1
    frame = pd.DataFrame({"order": pd.array([1, None, big], dtype="Int64"), "price": 1.0, "items": 1, "gift": True,
                          "city": "Oslo", "bought": pd.to_datetime(["2024-01-01", "2024-01-02", None], utc=True)})
    frame.to_parquet(tmp_path / "t.parquet")
    blocks = list(read_blocks(spec, tmp_path, rows=1, data=str(tmp_path / "t.parquet")))
    assert [block.identity["order"].type for block in blocks] == [pa.int64()] * 3
    assert [block.identity["order"].to_pylist() for block in blocks] == [[1], [None], [big]]
    assert pa.types.is_timestamp(blocks[0].identity["bought"].type)
    assert list(blocks[0].identity) == ["order", "bought"]


JOIN = {"source": {"csv": "cities.csv"}, "on": ["city"], "columns": ["items"]}


def test_a_join_is_made_for_each_block_alone(make_spec, tmp_path):
    (tmp_path / "cities.csv").write_text("city,items\nOslo,5\n007,7\n,9\n")
    shop().drop(columns="items").to_csv(tmp_path / "shop.csv", index=False)
    spec = make_spec(data={"joins": [JOIN]})
    for rows in (1, 10, 100):
        blocks = same(spec, tmp_path, rows)
        same(spec, tmp_path, rows, data=str(tmp_path / "shop.csv"))
    assert "items" in blocks[0].names and blocks[0].frame["items"].isin([5, 7]).sum() > 3


def test_a_table_that_has_the_joined_columns_is_not_joined(make_spec, tmp_path):
    shop().to_csv(tmp_path / "t.csv", index=False)
    spec = make_spec(data={"joins": [JOIN]})
    frame, _ = together(read_blocks(spec, tmp_path, rows=5, data=str(tmp_path / "t.csv")))
    assert frame["items"].tolist()[:3] == shop()["items"].tolist()[:3], "cities.csv is not even there"
    shop().drop(columns="city").to_csv(tmp_path / "shop.csv", index=False)
    (tmp_path / "cities.csv").write_text("city,items\nOslo,5\n")
    with pytest.raises(SpecError, match="A join needs the column 'city'"):
        together(read_blocks(spec, tmp_path, rows=5))


def test_neither_keep_rules_nor_as_of_hide_a_row(make_spec, tmp_path):
    shop().assign(bought="2024-01-01").to_csv(tmp_path / "shop.csv", index=False)
    spec = make_spec(data={"time_column": "bought", "as_of": "2020-01-01", "keep": [
        {"column": "returned", "one_of": ["1"], "why": "only what came back"}]})
    frame, blocks = together(read_blocks(spec, tmp_path, rows=5))
    assert len(frame) == 23 and blocks[0].identity["bought"].to_pylist() == ["2024-01-01"] * 5
