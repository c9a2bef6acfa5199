"""A CSV is read in blocks as pandas reads it, cell for cell and type for type, whoever reads it."""

import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from headgate.data import regular
from headgate.data.cells import NULL_WORDS, Cells
from headgate.data.csvs import csv_blocks
from headgate.data.regular import Irregular, RegularBlocks, lines_of
from headgate.errors import SourceError
from headgate.spec.sources import Source

NAMES = ["price", "items", "gift", "city", "note"]
HEADER = ",".join(NAMES) + "\n"
CELLS = Cells(text=frozenset({"city", "note"}), numbers=frozenset({"price", "items"}))
NUMBERS = [
    "1", "2.5", "-3", "0", "-0", "-0.0", "0.0", "3.0", "007", "-00", "1e5", "1e0", ".5", "5.", "9007199254740993",
    "9223372036854775807", "9223372036854775808", "18446744073709551616", "-9223372036854775809", "0.1", "4.35",
    "0.1000000000000000055511151231257827021181583404541015625", "5e-324", "2.4703282292062327e-324", "1e-400",
    "1.7976931348623157e308", "1.7976931348623159e308"]
ODD = [
    "+5", "+0.5", "1e400", "inf", "-inf", "Infinity", "NAN", "0x1A", "0X1f", " 5", "5 ", "\t5", "5\t", "\u00a05",
    "\x0b5", "\x1c5", " ", ".", "-", "+", "1e", "1d5", "1_000", '"1,000"', "1'000", "１", "1.5f", "$1", "5%", "many",
    "2013-01-01", "12:30", "2013-01-01T10:00:00Z", "yes", "tRUE"]
MISSING = ["", '""', "NA", '"NA"', "nan", "null", "None", "#N/A", "-1.#IND"]
TRUTHS = ["True", "False", "TRUE", "false", '"True"']
TEXTS = ["a", "Oslo", "", '""', "NA", "007", "1", " a ", "é", "名前", '"a,b"', '"a""b"', "<NA>", "true", "0x12", "-0"]
BREAKING = ['a"b', '"ab"c', '"a\nb"', '"a\r\nb"', '"', '"open', "a\rb", ' "a"']


@st.composite
def columns(draw, cells):
    """A column mostly of one kind, so that it has a type of its own."""
    kinds = [NUMBERS[:5], ["1", "2", "-0", ""], ["0.5", "-0.0", "2", ""], ["1.0", "2.0", ""], TRUTHS, [*TRUTHS, ""],
             MISSING, NUMBERS, [*NUMBERS, *MISSING], [*NUMBERS, *ODD]]
    kind = st.sampled_from(draw(st.sampled_from(kinds)))
    column = [draw(kind) for _ in range(cells)]
    if draw(st.integers(0, 3)) == 0:
        column[draw(st.integers(0, cells - 1))] = draw(st.sampled_from(NUMBERS + ODD + MISSING + TRUTHS))
    return column


@st.composite
def tables(draw):
    """The text of a table, sometimes with lines that only pandas can read."""
    rows = draw(st.integers(1, 8))
    numbers = [draw(columns(rows)) for _ in range(3)]
    texts = [[draw(st.sampled_from(TEXTS)) for _ in range(rows)] for _ in range(2)]
    lines = [",".join(line) for line in zip(*numbers, *texts)]
    if draw(st.integers(0, 5)) == 0:
        place = draw(st.integers(0, rows - 1))
        lines[place] = draw(st.sampled_from(["", " ", "1,2", f"1,1,1,{draw(st.sampled_from(BREAKING))},b"]))
    end = draw(st.sampled_from(["\n", "\n", "\n", "\r\n", "\r"]))
    return end.join([HEADER.strip(), *lines]) + draw(st.sampled_from(["", end, end + end]))


def as_pandas_reads(content, rows, **options):
    """Return the frames of chunks, or None if pandas cannot read it."""
    try:
        parts = pd.read_csv(io.BytesIO(content), dtype={"city": str, "note": str}, usecols=NAMES, index_col=False,
                            low_memory=False, float_precision="round_trip", chunksize=rows, **options)
        return [part for part in parts if len(part)]
    except (ValueError, OverflowError):
        return None


def in_blocks(path, content, rows, cells=CELLS, **source):
    path.write_bytes(content)
    found = csv_blocks(path, "t.csv", Source(csv="t.csv", **source), rows=rows, wanted={*NAMES}, cells=cells)
    return [frame for frame, names in found if names == NAMES]


def check_same(found, expected):
    assert [len(frame) for frame in found] == [len(frame) for frame in expected]
    for one, other in zip(found, expected):
        assert one.dtypes.to_dict() == other.dtypes.to_dict()
        for name in NAMES:
            left, right = one[name].to_numpy(), other[name].to_numpy()
            assert [told(cell) for cell in left] == [told(cell) for cell in right], name


def told(cell):
    """A cell with its type, bit for bit; a missing one as None."""
    if cell is None or cell != cell:
        return None
    return type(cell), cell.hex() if isinstance(cell, float) else cell


@settings(max_examples=200, derandomize=True, deadline=None)
@given(table=tables(), rows=st.sampled_from([1, 2, 3, 100]), piece=st.sampled_from([7, 64, 1 << 20]))
@example(table=HEADER + "1,+5,True,a,b\n", rows=1, piece=64)
@example(table=HEADER + "1,0x1A,True,a,b\n", rows=1, piece=64)
@example(table=HEADER + '1,1,1,a,"open\n', rows=1, piece=64)
def test_blocks_are_what_pandas_makes_of_them(tmp_path_factory, table, rows, piece):
    content = table.encode()
    expected = as_pandas_reads(content, rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(regular, "PIECE", piece)
        path = tmp_path_factory.getbasetemp() / "regular.csv"
        if not expected:
            with pytest.raises(SourceError):
                in_blocks(path, content, rows)
        else:
            check_same(in_blocks(path, content, rows), expected)


@pytest.mark.parametrize("others", [["7", "8"], ["7", ""], ["7.5", "8"], ["True", "False"], ["", "NA"], []],
                         ids=["whole", "whole or missing", "fractions", "truths", "missing", "alone"])
def test_a_cell_of_any_kind_among_others(tmp_path, others):
    for cell in [*NUMBERS, *ODD, *MISSING, *TRUTHS]:
        lines = [f"{one},{one},{one},Oslo,b\n" for one in [*others[:1], cell, *others[1:]]]
        content = "".join([HEADER, *lines]).encode()
        check_same(in_blocks(tmp_path / "t.csv", content, 100), as_pandas_reads(content, 100))


@pytest.mark.parametrize("line", [
    "1,2,True,a\n", "\n", " \n", '1,2,True,"a\nb",c\n', "1,2,True,a,b\r", '1,2,True,"a,b\n'])
@pytest.mark.parametrize("place", [0, 3, 4, 9])
def test_a_line_that_is_not_like_the_others_changes_no_other_row(tmp_path, line, place):
    lines = [f"{number},{number / 2},True,Oslo,{number}\n" for number in range(10)]
    content = "".join([HEADER, *lines[:place], line, *lines[place:]]).encode()
    expected = as_pandas_reads(content, 2)
    if expected is None:
        with pytest.raises(SourceError):
            in_blocks(tmp_path / "t.csv", content, 2)
    else:
        check_same(in_blocks(tmp_path / "t.csv", content, 2), expected)


@pytest.mark.parametrize("rows", [1, 3, 100])
@pytest.mark.parametrize("place", [1, 2, 5])
def test_a_row_with_a_field_too_many_is_told_wherever_it_stands(tmp_path, rows, place):
    lines = [f"{number},1,True,Oslo,b\n" for number in range(6)]
    lines[place] = "1,1,True,Oslo,b,c\n"
    with pytest.raises(SourceError, match=f"1 rows with more fields than the header.*row {place + 1} after the header"):
        in_blocks(tmp_path / "t.csv", (HEADER + "".join(lines)).encode(), rows)


@pytest.mark.parametrize("place", [0, 5])
def test_bytes_that_are_no_utf_8_are_told_in_a_column_that_nobody_wants_too(tmp_path, place):
    lines = [f"{number},1,True,Oslo,b,\n".encode() for number in range(6)]
    lines[place] = lines[place][:-1] + b"\xff\n"
    (tmp_path / "t.csv").write_bytes(HEADER.replace("\n", ",more\n").encode() + b"".join(lines))
    with pytest.raises(SourceError, match="not utf-8 text.*0xff"):
        list(csv_blocks(tmp_path / "t.csv", "t.csv", Source(csv="t.csv"), rows=2, wanted={*NAMES}, cells=CELLS))


def test_a_word_that_is_a_value_in_one_column_is_missing_in_another(tmp_path):
    cells = Cells(CELLS.text, CELLS.numbers, {"city": frozenset({"NA"})})
    frame, = in_blocks(tmp_path / "t.csv", (HEADER + "NA,1,NA,NA,NA\n,1,,,\n").encode(), 9, cells)
    assert frame["city"].tolist()[0] == "NA" and frame["city"].isna().tolist() == [False, True]
    assert frame[["price", "gift", "note"]].isna().all(axis=None)


@pytest.mark.parametrize("separator", [",", ";", "|", "\t"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_other_separators_and_a_byte_order_mark(tmp_path, separator, mark):
    content = mark + (HEADER + "1.5,2,True,a b,\n,3,False,,NA\n").replace(",", separator)
    found = in_blocks(tmp_path / "t.csv", content.encode(), 9, separator=separator)
    check_same(found, as_pandas_reads(content.encode(), 9, sep=separator))


@pytest.mark.parametrize("header", [
    "\n\n" + HEADER, " \n" + HEADER, '"price\n",items,gift,city,note\n', '"price",items,"gift",city,note\r\n',
    HEADER[:-1] + "\r"])
def test_a_header_in_other_lines_than_the_first(tmp_path, header):
    content = f"{header}1.5,2,True,a,b\n,3,False,,NA\n".encode()
    path, names = tmp_path / "t.csv", [header.strip().split(",")[0].strip('"'), *NAMES[1:]]
    path.write_bytes(content)
    found = list(csv_blocks(path, "t.csv", Source(csv="t.csv"), rows=9, cells=CELLS))
    assert [seen for _, seen in found] == [names]
    frame = found[0][0].set_axis(NAMES, axis=1)
    check_same([frame], as_pandas_reads(HEADER.encode() + content[len(header):], 9))


def test_a_file_without_a_header(tmp_path):
    content = b"1.5,2,True,a,b\n,3,False,,NA\n"
    check_same(in_blocks(tmp_path / "t.csv", content, 9, columns=NAMES),
               as_pandas_reads(content, 9, names=NAMES))


# --- who reads what


def reader(pandas=None):
    words = {place: NULL_WORDS for place in range(len(NAMES))}
    return RegularBlocks(Source(csv="t.csv"), NAMES, words, {3, 4}, pandas)


@pytest.mark.parametrize("lines", [
    "1,2.5,True,a,b\n-3,,False,,NA\n", '"1","2.5","True","a,""b""","é"\n', "1,2,False,a,b\r\n3,4,True,c,d\r\n",
    ",,,,\n"])
def test_regular_lines_take_no_pandas(lines):
    assert len(reader().frame(lines.encode())) == lines.count("\n")


def test_pandas_is_asked_for_the_odd_columns_only():
    asked = []

    def pandas(lines, places):
        asked.append(places)
        return pd.DataFrame({place: ["x"] for place in places})

    frame = reader(pandas).frame(b"many,2,inf,a,b\n")
    assert asked == [[0, 2]] and frame.columns.tolist() == [0, 1, 2, 3, 4] and frame[1].tolist() == [2]


@pytest.mark.parametrize("lines", [
    b"1,2,3,a\n", b"1,2,3,a,b,c\n", b"1,2,3,a,b\n\n", b' \n', b'1,2,3,a,"b\n', b'1,2,3,"a\nb",c\n',
    b"1,2,3,a,b\r1,2,3,a,b\n", b"\r,1,2,a,b\n", b"1,2,3,a,\xff\n", b"\xef\xbb\xbf1,2,3,a,b\n"])
def test_what_is_not_regular(lines):
    with pytest.raises(Irregular):
        reader().frame(lines)


@pytest.mark.parametrize("rows, sizes", [(1, [1] * 7), (3, [3, 3, 1]), (7, [7]), (8, [7])])
@pytest.mark.parametrize("piece", [1, 5, 1 << 20])
@pytest.mark.parametrize("end", ["", "\n"])
def test_lines_are_cut_where_they_end(monkeypatch, rows, sizes, piece, end):
    monkeypatch.setattr(regular, "PIECE", piece)
    text = "\n".join(f"line {number}" for number in range(7)).encode()
    found = list(lines_of(io.BytesIO(text + end.encode()), rows))
    assert [lines.count(b"\n") for lines in found] == sizes and b"".join(found) == text + b"\n"


@pytest.mark.parametrize("end", ["\n\n\n", "\r\n\r\n"])
def test_empty_lines_at_the_end_are_none(end):
    assert list(lines_of(io.BytesIO(f"1,2\n3,4{end}".encode()), 100)) == [b"1,2\n3,4\n"]


def test_a_line_without_an_end_is_not_read_to_it(monkeypatch):
    monkeypatch.setattr(regular, "LONGEST", 1000)
    monkeypatch.setattr(regular, "PIECE", 100)
    stream = io.BytesIO(b"a,b\n" + b"x" * 100_000)
    with pytest.raises(Irregular):
        list(lines_of(stream, 10))
    assert stream.tell() < 2000


def test_numbers_are_read_to_their_last_digit(tmp_path):
    draw = np.random.default_rng(0)
    values = np.concatenate([draw.normal(size=500), draw.uniform(-1, 1, 500) * 10.0 ** draw.integers(-300, 300, 500)])
    content = (HEADER + "".join(f"{value!r},{value:.17e},{value:.25g},a,b\n" for value in values.tolist())).encode()
    frame, = in_blocks(tmp_path / "t.csv", content, 10_000)
    for name in ("price", "items", "gift"):
        np.testing.assert_array_equal(frame[name].to_numpy(), values)
