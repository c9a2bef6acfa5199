"""Batches of more rows than are turned into columns at once: the pieces are one batch."""

import json

import numpy as np
import pytest

from headgate.rows import cells
from headgate.rows.batch import BatchReader
from headgate.rows.cells import by_column
from headgate.rows.problem import NotJson, RowsRejected
from headgate.spec import ModelSpec

SPEC = ModelSpec.model_validate({
    "name": "teas", "data": {"source": {"csv": "teas.csv"}, "key": ["id"], "time_column": "bought"},
    "columns": [{"name": "grams", "kind": "number", "range": [0, 1e6]},
                {"name": "steeped", "kind": "number", "nullable": True},
                {"name": "kind", "kind": "category", "categories": ["green", "black"]},
                {"name": "picked", "kind": "datetime", "nullable": True}],
    "target": {"column": "y", "classes": ["no", "yes"]}, "algorithms": ["logistic_regression"]})
PIECE = 10
READER, ROWS = BatchReader(SPEC, limit=100), 2 * PIECE + 7


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    monkeypatch.setattr(cells, "PIECE", PIECE)


def tea(place, **changes):
    return {"grams": place, "steeped": None if place % 3 == 0 else place / 2, "kind": ("green", "black")[place % 2],
            "picked": None if place % 5 == 0 else f"2026-01-0{place % 9 + 1}", **changes}


def read(rows):
    return READER.read(json.dumps({"instances": rows}).encode())


def rejected(rows):
    with pytest.raises(RowsRejected) as caught:
        read(rows)
    return caught.value


def check_same(one, other):
    assert one.rows == other.rows and one.texts == other.texts and one.identity == other.identity
    for name in one.arrays:
        assert one.arrays[name].dtype == other.arrays[name].dtype
        np.testing.assert_array_equal(one.arrays[name], other.arrays[name])


@pytest.mark.parametrize("count", [1, PIECE - 1, PIECE, PIECE + 1, ROWS])
def test_every_row_has_its_place(count):
    batch = read([tea(place) for place in range(count)])
    assert batch.rows == count and batch.arrays["grams"].tolist() == [float(place) for place in range(count)]
    assert batch.texts["kind"] == [("green", "black")[place % 2] for place in range(count)]
    assert np.isnan(batch.arrays["steeped"]).tolist() == [place % 3 == 0 for place in range(count)]


@pytest.mark.parametrize("change", [
    lambda row: row, lambda row: dict(reversed(row.items())), lambda row: {**row, "id": 7, "bought": "2026-01-01"},
    lambda row: {name: cell for name, cell in row.items() if cell is not None}],
    ids=["as they are", "in another order", "with what names them", "without nulls"])
@pytest.mark.parametrize("which", [range(ROWS), [ROWS - 1], [0], []], ids=["all", "the last", "the first", "none"])
def test_rows_are_read_alike_however_their_keys_are_given(change, which):
    rows = [tea(place) for place in range(ROWS)]
    given = [change(row) if place in which else row for place, row in enumerate(rows)]
    found, usual = read(given), read(rows)
    check_same(type(found)(**{**vars(found), "identity": {}}), usual)
    assert found.identity == {name: [row.get(name) for row in given] for name in ("id", "bought")
                              if any(name in row for row in given)}


def test_a_column_that_every_row_leaves_out_is_null():
    rows = [tea(place) for place in range(ROWS)]
    check_same(read([{name: row[name] for name in row if name != "picked"} for row in rows]),
               read([{**row, "picked": None} for row in rows]))
    assert "kind is missing" in rejected([{"grams": 1, "steeped": 2, "picked": None}] * 3).problems[0].message


@pytest.mark.parametrize("bad, field", [
    ({"grams": -1}, "grams"), ({"grams": True}, "grams"), ({"grams": "1"}, "grams"), ({"grams": None}, "grams"),
    ({"grams": 10 ** 400}, "grams"), ({"grams": [1]}, "grams"), ({"steeped": float("nan")}, "steeped"),
    ({"kind": "white"}, "kind"), ({"kind": 1}, "kind"), ({"picked": "soon"}, "picked"), ({"picked": 20}, "picked"),
    ({"id": {}}, "id"), ({"bought": "x" * 201}, "bought"), ({"stranger": 1}, "stranger")])
@pytest.mark.parametrize("place", [0, PIECE - 1, PIECE, ROWS - 1])
@pytest.mark.parametrize("named", [False, True])
def test_a_wrong_row_is_told_by_its_place_in_the_batch(bad, field, place, named):
    rows = [tea(number, **({"id": number, "bought": None} if named else {})) for number in range(ROWS)]
    rows[place] |= bad
    error = rejected(rows)
    assert [(one.index, one.field) for one in error.problems] == [(place, field)] and error.rows == 1


@pytest.mark.parametrize("stranger", [None, 3, "grams", ["grams", "steeped", "kind", "picked"], [], {}])
@pytest.mark.parametrize("place", [0, PIECE, ROWS - 1])
def test_a_row_that_is_none_is_told_by_its_place(stranger, place):
    rows = [tea(number) for number in range(ROWS)]
    rows[place] = stranger
    assert {one.index for one in rejected(rows).problems} == {place}


def test_wrong_rows_of_several_pieces_are_counted():
    rows = [tea(place, **({"grams": -1} if place % PIECE == 5 else {})) for place in range(ROWS)]
    error = rejected(rows)
    assert [one.index for one in error.problems] == [5, PIECE + 5, 2 * PIECE + 5] and error.rows == 3


def test_a_key_said_twice_in_the_last_row_is_an_error():
    text = json.dumps({"instances": [tea(place) for place in range(ROWS)]})
    with pytest.raises(NotJson, match="twice"):
        READER.read(f'{text[:-3]}, "grams": 1}}]}}'.encode())


def test_keys_that_only_line_up_across_rows_are_not_taken_for_columns():
    names = ["a", "b", "c"]
    assert by_column([{"a": 1, "b": 2, "c": 3}, {"a": 4}, {"b": 5, "c": 6, "a": 7}, {"b": 8, "c": 9}], names) is None
    even = [{"a": 1, "b": 2, "c": 3}, {"a": 4, "b": 5, "c": 6}]
    assert by_column(even, names) == {"a": [1, 4], "b": [2, 5], "c": [3, 6]}


def test_the_size_of_a_piece_changes_nothing(monkeypatch):
    rows = [tea(place) for place in range(100)]
    whole = read(rows)
    for size in (1, 7, 99, 100, 101, 1000):
        monkeypatch.setattr(cells, "PIECE", size)
        check_same(read(rows), whole)
