"""What is said of each row, and beside what."""

import numpy as np
import pyarrow as pa
import pytest

from headgate.graph.decision import classes
from headgate.scoring.answers import answer_table
from tests.unit.scoring.harbour import make_spec

PROBABILITIES = np.array([[0.9, 0.1], [0.75, 0.25], [0.76, 0.24]])
KEYS = {"boat": pa.array([7, 8, 9])}


def answers(spec, identity):
    return answer_table(spec, "3", np.array([10, 11, 13]), identity, PROBABILITIES,
                        classes(PROBABILITIES, spec.target.threshold))


def test_class_label_and_probabilities_stand_beside_the_key():
    assert answers(make_spec(key=["boat"]), KEYS).to_pylist()[1] == {
        "boat": 8, "prediction": "yes", "label": "Comes late", "probability": 0.25, "probability_no": 0.75,
        "probability_yes": 0.25, "model_version": "3"}


def test_the_threshold_decides_and_a_class_without_a_label_is_its_own():
    table = answers(make_spec(key=["boat"]), KEYS)
    assert table["prediction"].to_pylist() == ["no", "yes", "no"]
    assert table["label"].to_pylist() == ["no", "Comes late", "no"]
    assert table["probability"].to_pylist() == [0.9, 0.25, 0.76]


@pytest.mark.parametrize("key, identity, row", [
    ([], {}, True), (["boat"], KEYS, False), (["boat"], {}, True), (["boat", "day"], KEYS, True),
    ([], {"left": pa.array(["a", "b", "c"])}, True)])
def test_the_position_is_there_where_the_key_is_not(key, identity, row):
    table = answers(make_spec(key=key), identity)
    assert ("row" in table.column_names) is row
    assert table.column_names[:len(identity)] == list(identity)
    assert not row or table["row"].to_pylist() == [10, 11, 13]


def test_keys_called_like_an_answer_and_what_it_would_be_called_then_stay():
    keys = {"label": pa.array([1, 2, 3]), "headgate label": pa.array([4, 5, 6])}
    table = answers(make_spec(key=[*keys]), keys)
    assert [table[name].to_pylist()[1] for name in (*keys, "headgate headgate label")] == [2, 5, "Comes late"]


def test_a_key_called_like_an_answer_stays():
    table = answers(make_spec(key=["label"]), {"label": pa.array(["a", "b", "c"])})
    assert table["label"].to_pylist() == ["a", "b", "c"] and table["headgate label"].to_pylist()[1] == "Comes late"
