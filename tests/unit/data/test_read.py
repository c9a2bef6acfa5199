"""Reading a table: what comes out, and what a newcomer is told when nothing can."""

import gzip
import subprocess
import sys
import zipfile
from datetime import date

import pandas as pd
import pytest

from headgate.data import coerce, read_table
from headgate.data.places import masked, replacement
from headgate.errors import AsOfError, SourceError, SpecError


def test_a_csv_keeps_texts_that_look_like_numbers(make_spec, folder):
    frame = read_table(make_spec(), folder).frame
    assert list(frame["city"][:3]) == ["Oslo", "007", "1"]
    assert list(frame["price"].dropna()) == [1.5, 2.5, 4.5]


def test_only_columns_of_the_spec_are_read(make_spec, folder):
    (folder / "shop.csv").write_text("price,items,gift,city,returned,secret\n1,1,1,Oslo,0,x\n")
    assert "secret" not in read_table(make_spec(), folder).frame


@pytest.mark.parametrize("ending", ["csv.gz", "csv.zip"])
def test_compressed_csv(make_spec, folder, ending):
    text = (folder / "shop.csv").read_text()
    if ending == "csv.gz":
        (folder / "t.csv.gz").write_bytes(gzip.compress(text.encode()))
    else:
        with zipfile.ZipFile(folder / "t.csv.zip", "w") as archive:
            archive.writestr("inside.csv", text)
    frame = read_table(make_spec(data={"source": {"csv": f"t.{ending}"}}), folder).frame
    pd.testing.assert_frame_equal(frame, read_table(make_spec(), folder).frame)


def test_parquet_types_to_the_same_frame_as_csv(make_spec, folder):
    spec = make_spec()
    from_csv = coerce(read_table(spec, folder).frame, spec).frame
    native = pd.DataFrame({"price": [1.5, 2.5, None, 4.5], "items": pd.array([1, 2, 3, None], dtype="Int64"),
                           "gift": [True, False, None, True], "city": ["Oslo", "007", "1", None],
                           "returned": [0, 1, 0, 1]})
    native.astype({"city": "category"}).to_parquet(folder / "shop.parquet")
    from_parquet = coerce(read_table(spec, folder, data=folder / "shop.parquet").frame, spec).frame
    pd.testing.assert_frame_equal(from_csv, from_parquet)


def test_a_folder_of_parquet_files_is_one_table(make_spec, folder):
    (folder / "parts").mkdir()
    whole = pd.read_csv(folder / "shop.csv")
    whole[:2].to_parquet(folder / "parts" / "a.parquet")
    whole[2:].to_parquet(folder / "parts" / "b.parquet")
    assert len(read_table(make_spec(data={"source": {"parquet": "parts"}}), folder).frame) == 4


def test_a_url_is_read_through_fsspec(make_spec, folder):
    import fsspec
    with fsspec.open("memory://headgate-tests/shop.csv", "wb") as stream:
        stream.write((folder / "shop.csv").read_bytes())
    reading = read_table(make_spec(data={"source": {"csv": "memory://headgate-tests/shop.csv"}}), folder)
    assert len(reading.frame) == 4 and reading.source == "memory://headgate-tests/shop.csv"


def test_a_url_with_nothing_behind_it(make_spec, folder):
    with pytest.raises(SourceError, match="no file at memory://headgate-tests/none.csv"):
        read_table(make_spec(data={"source": {"csv": "memory://headgate-tests/none.csv"}}), folder)


def test_a_packaged_table_is_found_without_importing_its_package(make_spec, tmp_path, monkeypatch):
    package = tmp_path / "fragile_tables"
    package.mkdir()
    (package / "__init__.py").write_text("raise RuntimeError('imported')")
    (package / "shop.csv").write_text("price,items,gift,city,returned\n1,1,1,Oslo,0\n")
    monkeypatch.syspath_prepend(tmp_path)
    source = {"package": "fragile_tables", "file": "shop.csv"}
    reading = read_table(make_spec(data={"source": source}), tmp_path)
    assert len(reading.frame) == 1 and reading.source == "fragile_tables:shop.csv"
    with pytest.raises(SourceError, match="has no file none.csv"):
        read_table(make_spec(data={"source": {**source, "file": "none.csv"}}), tmp_path)
    with pytest.raises(SpecError, match="leaves the package"):
        read_table(make_spec(data={"source": {**source, "file": "../other.csv"}}), tmp_path)


def test_a_package_that_is_not_installed(make_spec, tmp_path):
    source = {"package": "no_such_package_of_tables", "file": "a.csv"}
    with pytest.raises(SourceError, match="pip install no_such_package_of_tables"):
        read_table(make_spec(data={"source": source}), tmp_path)


def test_a_file_without_a_header_takes_the_names_of_the_spec(make_spec, folder):
    (folder / "raw.csv").write_text("made by hand, 2024\n1.5,1,1,Oslo,0\n2.5,2,0,007,1\n")
    source = {"csv": "raw.csv", "skip_rows": 1, "columns": ["price", "items", "gift", "city", "returned"]}
    frame = read_table(make_spec(data={"source": source}), folder).frame
    assert list(frame["price"]) == [1.5, 2.5]
    with pytest.raises(SpecError, match="5 columns in the file.*4 names"):
        read_table(make_spec(data={"source": {**source, "columns": source["columns"][:4]}}), folder)


BROKEN = {
    "missing": (None, "no file at .*shop.csv"),
    "empty": (b"", "shop.csv is empty"),
    "header only": (b"price,items,gift,city,returned\n", "header but no rows"),
    "latin-1": ("price,items,gift,city,returned\n1,1,1,Tromsø,0\n".encode("latin-1"), "not utf-8 text.*latin-1"),
    "a field too many": (b"price,items,gift,city,returned\n1,1,1,Oslo,0\n1,1,1,Oslo, Norway,0\n", "more fields"),
    "first row too long": (b"price,items,gift,city,returned\n1,1,1,Oslo, Norway,0\n", "no regular CSV"),
    "a name twice": (b"price,price,items,gift,city,returned\n1,2,1,1,Oslo,0\n", "more than one column called 'price'"),
    "another table": (b"a,b\n1,2\n", "none of the columns of the model"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_csv_is_explained(make_spec, folder, case):
    content, message = BROKEN[case]
    (folder / "shop.csv").unlink()
    if content is not None:
        (folder / "shop.csv").write_bytes(content)
    with pytest.raises(SourceError, match=message):
        read_table(make_spec(), folder)


def test_latin_1_reads_once_it_is_stated(make_spec, folder):
    (folder / "shop.csv").write_bytes("price,items,gift,city,returned\n1,1,1,Tromsø,0\n".encode("latin-1"))
    source = {"csv": "shop.csv", "encoding": "latin-1"}
    assert read_table(make_spec(data={"source": source}), folder).frame["city"][0] == "Tromsø"
    with pytest.raises(SpecError, match="no known text encoding.*martian"):
        read_table(make_spec(data={"source": {**source, "encoding": "martian"}}), folder)


def test_quoted_separators_are_no_extra_fields(make_spec, folder):
    (folder / "shop.csv").write_text('price,items,gift,city,returned\n1,1,1,"Oslo, Bergen, Voss",0\n')
    assert read_table(make_spec(), folder).frame["city"][0] == "Oslo, Bergen, Voss"


def test_a_byte_order_mark_is_no_part_of_the_first_name(make_spec, folder):
    (folder / "shop.csv").write_bytes(b"\xef\xbb\xbf" + (folder / "shop.csv").read_bytes())
    assert "price" in read_table(make_spec(), folder).frame


@pytest.mark.parametrize("content", [b"", b"PAR1", b"price,items\n1,2\n"])
def test_a_truncated_parquet_is_explained(make_spec, folder, content):
    (folder / "shop.parquet").write_bytes(content)
    with pytest.raises(SourceError, match="no whole Parquet file"):
        read_table(make_spec(data={"source": {"parquet": "shop.parquet"}}), folder)


def test_a_parquet_cut_in_the_middle_is_explained(make_spec, folder):
    pd.read_csv(folder / "shop.csv").to_parquet(folder / "shop.parquet")
    whole = (folder / "shop.parquet").read_bytes()
    (folder / "shop.parquet").write_bytes(whole[:len(whole) // 2])
    with pytest.raises(SourceError, match="no whole Parquet file"):
        read_table(make_spec(data={"source": {"parquet": "shop.parquet"}}), folder)


def test_a_zip_that_is_none(make_spec, folder):
    (folder / "shop.csv.zip").write_bytes(b"PK but no more")
    with pytest.raises(SourceError, match="Is the file whole"):
        read_table(make_spec(data={"source": {"csv": "shop.csv.zip"}}), folder)


ODD = ["a b", "a.b", "größe", "名前", 'say "x"', "#1: {x}"]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_odd_column_names_are_names_like_others(make_spec, tmp_path, ending):
    table = pd.DataFrame({name: [float(i), i + 0.5] for i, name in enumerate(ODD)} | {"returned": [0, 1]})
    getattr(table, f"to_{ending}")(tmp_path / f"odd.{ending}", index=False)
    spec = make_spec(columns=[{"name": name, "kind": "number"} for name in ODD],
                     data={"source": {ending: f"odd.{ending}"}})
    typed = coerce(read_table(spec, tmp_path).frame, spec).frame
    assert list(typed.columns) == [*ODD, "returned"]
    assert list(typed["名前"]) == [3.0, 3.5]


def test_a_missing_column_is_left_for_validation_to_name(make_spec, folder):
    (folder / "shop.csv").write_text("price,returned\n1,0\n")
    spec = make_spec()
    assert coerce(read_table(spec, folder).frame, spec).missing == ("items", "gift", "city")


def test_a_variable_is_taken_from_the_environment_at_use(make_spec, folder, monkeypatch):
    spec = make_spec(data={"source": {"csv": "${SHOP_FILE}"}})
    monkeypatch.setenv("SHOP_FILE", "shop.csv")
    assert len(read_table(spec, folder).frame) == 4
    monkeypatch.delenv("SHOP_FILE")
    with pytest.raises(SpecError, match="SHOP_FILE is not set"):
        read_table(spec, folder)


def test_secrets_are_in_no_error(make_spec, folder, monkeypatch):
    monkeypatch.setenv("SHOP_SECRET", "hunter2")
    for url in ("memory://me:${SHOP_SECRET}@headgate-tests/none.csv", "nosuch://me:hunter2@host/none.csv",
                "nosuch://host/none.csv?token=${SHOP_SECRET}"):
        with pytest.raises(SourceError) as caught:
            read_table(make_spec(data={"source": {"csv": url}}), folder)
        assert "hunter2" not in str(caught.value)
        assert caught.value.__cause__ is None and caught.value.__suppress_context__


def test_a_password_written_into_a_url_is_masked():
    assert masked("postgresql://me:hunter2@host/db") == "postgresql://me:***@host/db"
    assert masked("postgresql://me:${PASSWORD}@host/db") == "postgresql://me:${PASSWORD}@host/db"
    assert "hunter2" not in repr(replacement("memory://me:hunter2@host/a.csv"))


# --- joins


def joined(make_spec, folder, right, on=("city",), **options):
    (folder / "right.csv").write_text(right)
    columns = [{"name": "price", "kind": "number", "nullable": True},
               {"name": "people", "kind": "number", "nullable": True}]
    join = {"source": {"csv": "right.csv"}, "on": list(on), "columns": ["people"]}
    spec = make_spec(columns=columns, data={"joins": [join]})
    return read_table(spec, folder, **options).frame


def test_a_join_adds_columns_and_no_rows(make_spec, folder):
    frame = joined(make_spec, folder, "city,people\nOslo,700000\n007,7\nParis,1\n")
    assert list(frame["people"].fillna(-1)) == [700000, 7, -1, -1]
    assert list(frame["price"].fillna(0)) == [1.5, 2.5, 0, 4.5]


def test_a_missing_key_joins_nothing(make_spec, folder):
    frame = joined(make_spec, folder, "city,people\nOslo,700000\n,13\n")
    assert list(frame["people"].fillna(-1)) == [700000, -1, -1, -1]


def test_a_join_that_would_multiply_rows_is_refused(make_spec, folder):
    with pytest.raises(SourceError, match="city = Oslo, more than once"):
        joined(make_spec, folder, "city,people\nOslo,1\n007,2\nOslo,3\n")


def test_a_join_on_a_number_matches_whole_floats(make_spec, folder):
    frame = joined(make_spec, folder, "items,people\n1.0,10\n2.0,20\n", on=["items"])
    assert list(frame["people"].fillna(-1)) == [10, 20, -1, -1]


def test_a_join_names_the_column_it_lacks(make_spec, folder):
    with pytest.raises(SpecError, match="'people'"):
        joined(make_spec, folder, "city,persons\nOslo,1\n")


def test_a_replacement_that_has_the_joined_columns_is_not_joined_again(make_spec, folder):
    (folder / "new.csv").write_text("price,people,city,returned\n1,5,Oslo,0\n")
    frame = joined(make_spec, folder, "city,people\nOslo,700000\n", data=folder / "new.csv")
    assert list(frame["people"]) == [5]


# --- keep rules and days


@pytest.mark.parametrize("rule, left", [
    ({"at_least": 2.5}, 2), ({"at_least": 2.6}, 1), ({"at_most": 2.5}, 2), ({"at_most": 2.4}, 1),
    ({"not_null": True}, 3), ({"one_of": [1.5, "4.5"]}, 2)])
def test_keep_rules_count_what_they_drop(make_spec, folder, rule, left):
    reading = read_table(make_spec(data={"keep": [{"column": "price", "why": "because", **rule}]}), folder)
    assert len(reading.frame) == left and reading.dropped == {"because": 4 - left}
    assert list(reading.frame.index) == list(range(left))


def test_keep_rules_that_leave_nothing_or_compare_text(make_spec, folder):
    with pytest.raises(SourceError, match="No row of the table meets"):
        read_table(make_spec(data={"keep": [{"column": "price", "at_least": 99, "why": "x"}]}), folder)
    with pytest.raises(SpecError, match="'colour'"):
        read_table(make_spec(data={"keep": [{"column": "colour", "not_null": True, "why": "x"}]}), folder)
    (folder / "shop.csv").write_text("price,items,gift,city,returned\n1,one,1,Oslo,0\n")
    with pytest.raises(SourceError, match="compares it with a number"):
        read_table(make_spec(data={"keep": [{"column": "items", "at_least": 1, "why": "x"}]}), folder)


def timed(make_spec, folder, times, **data):
    pd.DataFrame({"price": 1.0, "returned": 0, "at": times}).to_csv(folder / "timed.csv", index=False)
    columns = [{"name": "price", "kind": "number"}]
    return make_spec(columns=columns, data={"source": {"csv": "timed.csv"}, "time_column": "at", **data})


def test_only_rows_before_the_day_are_visible_on_the_wall_clock(make_spec, folder):
    times = ["2013-11-01T03:59:00Z", "2013-11-01T04:00:00Z", "2013-10-01T04:00:00Z", "2013-10-01T03:59:00Z"]
    spec = timed(make_spec, folder, times, time_zone="America/New_York", window_days=31)
    reading = read_table(spec, folder, as_of=date(2013, 11, 1))
    assert list(reading.frame["at"]) == [times[0], times[2]]
    assert sorted(reading.dropped.values()) == [1, 1]


def test_rows_without_a_time_stay_for_validation_to_see(make_spec, folder):
    spec = timed(make_spec, folder, ["2013-10-01", None, "2013-10-02", "soon"])
    assert len(read_table(spec, folder, as_of=date(2013, 11, 1)).frame) == 4


def test_a_day_before_the_data_names_the_first_day_there_is(make_spec, folder):
    spec = timed(make_spec, folder, ["2013-10-05", "2013-10-06"])
    with pytest.raises(AsOfError, match="No row is visible as of 2013-10-05.*from 2013-10-05"):
        read_table(spec, folder, as_of=date(2013, 10, 5))
    assert len(read_table(spec, folder, as_of=date(2013, 10, 6)).frame) == 1


@pytest.mark.parametrize("times", [["soon", "later"], [20131001, 20131002], ["03/04/2013", "04/04/2013"],
                                   [None, None]])
def test_a_time_column_that_is_no_time(make_spec, folder, times):
    with pytest.raises(SourceError, match="'at' is not a time.*ISO 8601"):
        read_table(timed(make_spec, folder, times), folder, as_of=date(2013, 11, 1))


def test_a_time_column_that_is_not_there(make_spec, folder):
    spec = make_spec(data={"time_column": "when"})
    with pytest.raises(SourceError, match="no time column 'when'"):
        read_table(spec, folder, as_of=date(2013, 11, 1))


def test_an_unknown_time_zone(make_spec, folder):
    with pytest.raises(SpecError, match="Mars/Olympus"):
        read_table(timed(make_spec, folder, ["2013-10-05"], time_zone="Mars/Olympus"), folder, as_of=date(2014, 1, 1))


def test_a_fingerprint_needs_neither_pandas_nor_numpy():
    code = ("import sys; from headgate.data import fingerprint, resolve_as_of; "
            "print(sorted(set(sys.modules) & {'pandas', 'numpy', 'pyarrow', 'sklearn'}))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
