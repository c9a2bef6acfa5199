"""What a person writes for a key is what the log holds, whatever kind its column is of."""

import json

import pytest

from headgate.prediction_log import Entries, entry_of
from headgate.prediction_log.entry import text_of
from headgate.prediction_log.spelling import guesses, spellings
from headgate.rows.single import RowReader
from headgate.spec import ModelSpec

SPEC = ModelSpec.model_validate({
    "name": "odd", "algorithms": ["xgboost"], "target": {"column": "truth", "classes": ["no", "yes"]},
    "data": {"source": {"csv": "odd.csv"}, "key": ["name"], "time_zone": "Europe/Oslo"},
    "columns": [{"name": "n", "kind": "number"}, {"name": "i", "kind": "integer"}, {"name": "b", "kind": "boolean"},
                {"name": "t", "kind": "datetime"},
                {"name": "c", "kind": "category", "categories": ["1.0", "true"], "unknown": "treat_as_unknown"}]})
ROW = {"n": 1, "i": 1, "b": False, "t": "2026-01-01", "c": "true"}


@pytest.mark.parametrize("column, value, written", [
    ("n", 77, "77"), ("n", 77.0, "77.0"), ("n", 0.1, "0.10"), ("n", 1e22, "1e22"), ("n", -0.0, "-0"), ("n", -0.0, "0"),
    ("i", 9007199254740993, "9007199254740993"), ("i", 12, "12.0"), ("b", True, "true"), ("b", True, "True"),
    ("t", "2026-03-01 10:00:00+02:00", "2026-03-01 10:00:00+02:00"), ("t", "2026-03-01", "2026-03-01T00:00:00"),
    ("t", "2026-03-01T08:00:00Z", "2026-03-01 09:00"), ("c", "1.0", "1.0"), ("c", "2026-01-01", "2026-01-01"),
    ("name", 77.0, "77"), ("name", "77.0", "77.0"), ("name", 9007199254740993, "9007199254740993")])
def test_every_kind_is_found_as_it_was_sent(column, value, written):
    row = RowReader(SPEC).read(json.dumps({**ROW, column: value}).encode())
    line = Entries(SPEC, version="3", digest="d", role="champion").line("0" * 32, 7, row, [0.25, 0.75])
    assert text_of(json.loads(entry_of(line)["inputs"])[column]) in spellings(SPEC, column, written)


@pytest.mark.parametrize("column, written", [("c", "1.0"), ("name", "1.0"), ("name", "true"), ("n", "nan"), ("n", "x"),
                                             ("n", "1e999"), ("b", "yes"), ("t", "01/02/2026")])
def test_what_a_kind_does_not_spell_otherwise_is_itself(column, written):
    assert spellings(SPEC, column, written) == (written,)


def test_without_a_spec_there_are_only_guesses():
    assert guesses(None, "b", "true") == ("true", "True") and guesses(None, "n", "77.0") == ("77.0", "77")
    assert guesses(None, "t", "2026-03-01 09:00") == ("2026-03-01 09:00", "2026-03-01T09:00:00")
