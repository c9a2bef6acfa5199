"""An entry of the log is one line, and what is read from it is what was answered."""

import orjson
import pytest

from headgate.prediction_log import Entries, entry_of
from headgate.spec import ModelSpec


def odd_spec():
    """A model whose columns and classes are named like the parts of an entry."""
    names = ("inputs", "outputs", "key")
    columns = [{"name": name, "kind": "category", "categories": ["a", "b"]} for name in names]
    return ModelSpec.model_validate({
        "name": "odd", "algorithms": ["xgboost"], "data": {"source": {"csv": "odd.csv"}, "key": ["inputs"]},
        "target": {"column": "truth", "classes": ["outputs", "inputs"]}, "columns": columns})


@pytest.mark.parametrize("text", ["a", 'b"},"outputs":{"a":1', ',"inputs":{', "line\nbreak", "\u2028 \N{SNOWMAN}", ""])
def test_names_and_texts_like_its_parts_change_nothing(text):
    row = {"inputs": text, "outputs": "a", "key": None}
    line = Entries(odd_spec(), version="3", digest="d" * 64, role="champion").line("0" * 32, 7, row, [0.25, 0.75])
    assert b"\n" not in line
    entry = entry_of(line)
    assert orjson.loads(entry["inputs"]) == row
    assert orjson.loads(entry["outputs"]) == {"outputs": 0.25, "inputs": 0.75}
    assert (entry["id"], entry["at"], entry["rows"], entry["version"]) == ("0" * 32, 7, 1, "3")
    assert len(entry["keys"]) == (text != "")


@pytest.mark.parametrize("broken", [b"", b"{}", b'{"id": 1', b"[1]", b'{"id":"1","inputs":{},"outputs":{}}'])
def test_what_is_no_entry_is_refused(broken):
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        entry_of(broken)
