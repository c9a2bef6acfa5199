"""The reader of single rows (pydantic) and the reader of batches (arrays) take and refuse exactly the same rows."""

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.models.alone import Alone
from api.models.gather import ManyRows
from headgate.rows.batch import BatchReader
from headgate.rows.problem import NotJson, RowsRejected
from headgate.spec import ModelSpec

COLUMNS = {
    "number": {"kind": "number"}, "ranged": {"kind": "number", "range": [-2.5, 1e9]},
    "integer": {"kind": "integer"}, "counted": {"kind": "integer", "range": [0, 9_000_000_000]},
    "boolean": {"kind": "boolean"}, "category": {"kind": "category", "categories": ["a", "é", "None", ""]},
    "lenient": {"kind": "category", "categories": ["a", "?"], "unknown": "treat_as_unknown"},
    "datetime": {"kind": "datetime"}}
COLUMNS |= {f"{name} or null": {**column, "nullable": True} for name, column in COLUMNS.items()}
FITTING = {"number": 0.5, "ranged": 1, "integer": 3, "counted": 4, "boolean": True, "category": "é", "lenient": "new",
           "datetime": "2026-03-29T01:30:00+01:00"}
SPEC = ModelSpec.model_validate({
    "name": "cells", "data": {"source": {"csv": "cells.csv"}, "key": ["id"], "time_zone": "America/New_York"},
    "columns": [{"name": name, **column} for name, column in COLUMNS.items()],
    "target": {"column": "y", "classes": ["no", "yes"]}, "algorithms": ["logistic_regression"]})
READER = BatchReader(SPEC, limit=100)


def fitting(**changes):
    """Return a row that both take."""
    return {name: FITTING[name.removesuffix(" or null")] for name in COLUMNS} | changes


def near(value):
    """Numbers at a limit and beside it."""
    return st.sampled_from([value, math.nextafter(value, math.inf), math.nextafter(value, -math.inf), -value])


F32 = float(np.finfo(np.float32).max)
NUMBERS = st.one_of(
    st.integers(-20, 20), st.integers(-2 ** 70, 2 ** 70), st.floats(), st.floats(width=32),
    near(-2.5), near(1e9), near(9e9), near(F32), near(2.0 ** 53),
    near(2.0 ** 63), st.integers(2 ** 63 - 2, 2 ** 63 + 2), st.integers(-2 ** 63 - 2, 2 - 2 ** 63),
    st.just(10 ** 400), st.just(-(10 ** 40)),
    st.integers(0, 10 ** 10).map(lambda whole: whole + 0.5), st.integers(1, 100).map(lambda whole: whole + 1e-10))
CLOCKS = st.one_of(st.datetimes().map(lambda at: at.isoformat()), st.datetimes().map(str),
                   st.dates().map(str), st.from_regex(r"\A\d{4}[-/]\d{2}[-/]\d{2}[T ]\d{2}(:?\d{2}){0,2}([.,]\d+)?"
                                                      r"\s?(Z|[+-]\d{2}(:?\d{2})?)?\Z"))
TEXTS = st.one_of(st.sampled_from(["a", "é", "e\u0301", "None", "nan", "NaN", "", " ", "?", "??", "\u00a0", "\x1c",
                                   'with "quotes"', "back\\slash", "\x00", "\x1f ", "null", "true", "3"]),
                  st.text(st.characters(codec="utf-8"), max_size=12), CLOCKS)
CELLS = st.one_of(NUMBERS, TEXTS, st.booleans(), st.none(), st.lists(st.integers(), max_size=2),
                  st.dictionaries(st.sampled_from(["a", "b"]), st.integers(), max_size=2))


def single(body):
    """Return the row that the single reader reads, or None if it refuses."""
    try:
        return READER.single.read(body)
    except (NotJson, RowsRejected):
        return None


def batched(document):
    """Return the Batch that the batch reader reads, or None if it refuses."""
    try:
        return READER.read(encoded(document))
    except (NotJson, RowsRejected):
        return None


def encoded(document):
    return json.dumps(document, ensure_ascii=False).encode()


class Seen:
    """Stands for a graph: its answer to one row is what it was given."""

    def alone(self, numbers, texts, classes):
        self.cells, self.values = dict(numbers), {name: {text: text for text in known} for name, known in texts.items()}
        return self

    def put(self, name, value):
        self.cells[name] = np.array([[value]], dtype=object)

    def run(self):
        return {name: cell[0, 0] for name, cell in self.cells.items()}


def check_alike(row):
    """Read a row alone, as one of a batch, as columns and in between good rows; the feeds of a graph are the same."""
    alone, together = single(encoded(row)), batched({"instances": [row]})
    by_column = batched({"columns": {name: [cell] for name, cell in row.items()}})
    between = batched({"instances": [fitting(), row, fitting()]})
    taken = [alone is not None, together is not None, by_column is not None, between is not None]
    assert len(set(taken)) == 1, f"alone, in a batch, as columns, among others: {taken}"
    if alone is not None:
        feeds = ManyRows(SPEC).arrays([alone])
        reused = Alone(SPEC, Seen()).probabilities(alone)
        for name in COLUMNS:
            cells = [together.arrays[name][0], by_column.arrays[name][0], between.arrays[name][1], reused[name]]
            assert all(same(cell, feeds[name][0, 0]) for cell in cells), name


def same(one, other):
    return one == other or (one != one and other != other)


@pytest.mark.parametrize("name", sorted(COLUMNS))
@settings(max_examples=80, derandomize=True, deadline=None)
@given(cell=CELLS)
def test_one_cell_of_any_kind(name, cell):
    check_alike(fitting(**{name: cell}))


@settings(max_examples=120, derandomize=True, deadline=None)
@given(change=st.dictionaries(st.sampled_from([*COLUMNS, "id", "stranger", "Id", ""]), CELLS, max_size=4),
       left_out=st.sets(st.sampled_from([*COLUMNS]), max_size=2))
def test_cells_that_change_are_left_out_or_are_no_columns(change, left_out):
    check_alike({name: cell for name, cell in fitting(**change).items() if name not in left_out})


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.one_of(CELLS, st.text(st.characters(codec="utf-8"), min_size=150, max_size=250)))
def test_what_names_a_row(cell):
    check_alike(fitting(id=cell))


@settings(max_examples=120, derandomize=True, deadline=None)
@given(st.recursive(CELLS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner)))
def test_what_is_no_row_at_all(document):
    if not isinstance(document, dict):
        assert single(encoded(document)) is None and batched({"instances": [document]}) is None
    assert batched(document) is None


@pytest.mark.parametrize("body", [
    b"", b"{", b'{"number": 1', b"\xff\xfe", b'{"number": "\xff"}', b'"\\ud800"', b"[" * 100_000,
    b'{"number":' * 100_000, b"nul", b"{} {}", b'{"instances": [{"lenient": "\\ud800"}]}'])
def test_what_is_no_json(body):
    with pytest.raises((NotJson, RowsRejected)):
        READER.single.read(body)
    with pytest.raises((NotJson, RowsRejected)):
        READER.read(body)


@pytest.mark.parametrize("key", ["number", "lenient", "datetime or null", "id"])
@pytest.mark.parametrize("escaped", [False, True])
def test_a_key_that_is_said_twice(key, escaped):
    text = encoded(fitting(id="7", lenient='a "quoted" one') if escaped else fitting(id="7")).decode()
    again = f'"\\u{ord(key[0]):04x}{key[1:]}"' if escaped else f'"{key}"'
    twice = f"{text[:-1]}, {again}: {json.dumps(fitting(id='8')[key])}}}"
    assert single(text.encode()) is not None
    for body, read in ((twice, READER.single.read), (f'{{"instances": [{text}, {twice}]}}', READER.read)):
        with pytest.raises(NotJson, match="twice"):
            read(body.encode())


def test_nothing_is_read_into_the_wrong_row():
    rows = [fitting(number=float(place), lenient=f"text {place}" if place % 2 else "a") for place in range(50)]
    batch = batched({"instances": rows})
    assert batch.arrays["number"].tolist() == [float(place) for place in range(50)]
    assert (batch.arrays["lenient"] == "a").tolist() == [place % 2 == 0 for place in range(50)]


def test_the_errors_of_a_batch_name_their_rows_as_a_single_row_would():
    bad = fitting(ranged=-3, category="b")
    with pytest.raises(RowsRejected) as alone:
        READER.single.read(encoded(bad))
    with pytest.raises(RowsRejected) as together:
        READER.read(encoded({"instances": [fitting(), bad, fitting(), bad]}))
    told = [one.to_dict() for one in alone.value.problems]
    assert [one.to_dict() for one in together.value.problems] == [
        {"index": index, **one} for index in (1, 3) for one in told] and together.value.rows == 2
