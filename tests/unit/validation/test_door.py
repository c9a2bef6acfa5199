"""Great Expectations stays behind one door, and quiet."""

import logging
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import headgate
from headgate.spec import ModelSpec
from headgate.validation import validate
from headgate.validation.expectations import Ask, measure

ODD = ["speed over ground", "a.b", "größe", "`tick`", "class", "it's", '"quoted"', "100 %", "$x", "row == 1"]


@pytest.fixture
def odd():
    rng = np.random.default_rng(0)
    spec = ModelSpec.model_validate({
        "name": "odd", "data": {"source": {"csv": "odd.csv"}}, "algorithms": ["logistic_regression"],
        "target": {"column": "is it late?", "classes": ["no, it's not", "yes"]},
        "columns": [{"name": name, "kind": "number", "range": [0, 1], "nullable": True} for name in ODD]})
    frame = pd.DataFrame({name: rng.uniform(0, 1, 200) for name in ODD})
    frame["is it late?"] = ["no, it's not", "yes"] * 100
    return frame, spec


def test_odd_column_names_are_measured_like_any_other(odd):
    frame, spec = odd
    assert validate(frame, spec, as_of=None).ok
    frame.loc[3, ODD] = 2.0
    report = validate(frame, spec, as_of=None)
    assert [(check.rule, check.column, check.rows) for check in report.failed] == [
        ("ranges", name, (3,)) for name in ODD]


def test_one_module_imports_great_expectations():
    root = Path(headgate.__file__).parent
    found = [path.relative_to(root).as_posix() for path in root.rglob("*.py")
             if re.search(r"^\s*(import|from) great_expectations", path.read_text(encoding="utf-8"), re.MULTILINE)]
    assert found == ["validation/expectations.py"]


def test_it_is_imported_only_to_answer():
    code = ("import sys, headgate.validation, headgate.validation.checks, headgate.validation.expectations;"
            "sys.exit('great_expectations' in sys.modules)")
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(headgate.__file__).parents[1]).returncode == 0


def test_nothing_is_written_logged_printed_or_sent(odd, tmp_path, monkeypatch, caplog, capfd, recwarn):
    def refuse(*_, **__):
        raise AssertionError("validation opened a connection")
    measure([Ask("row_count", None, {"min_value": 1})], lambda about: pd.DataFrame({"x": [1]}))
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    recwarn.clear()
    with caplog.at_level(logging.INFO):
        validate(*odd, as_of=None)
    assert os.listdir(tmp_path) == [] and caplog.records == [] and len(recwarn) == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("ask, count", [
    (Ask("not_null", "x"), 2), (Ask("between", "x", {"min_value": 1, "max_value": 2}), 1),
    (Ask("in_set", "x", {"value_set": [1.0]}), 2)])
def test_rows_that_do_not_meet_an_expectation_are_counted(ask, count):
    frame = pd.DataFrame({"x": [1.0, 2.0, 3.0, np.nan, np.nan]})
    (measured,) = measure([ask], lambda about: frame[[about]])
    assert (measured.success, measured.count) == (False, count)


def test_answers_come_in_the_order_of_the_questions():
    frame = pd.DataFrame({"x": [1.0, 2.0], "y": [5.0, np.nan]})
    asks = [Ask("not_null", "y"), Ask("exists", "z"), Ask("not_null", "x"), Ask("distinct", "y", {"min_value": 2})]
    answers = measure(asks, lambda about: frame.iloc[:0] if about == "columns" else frame[[about]])
    assert [answer.success for answer in answers] == [False, False, True, False] and answers[3].value == 1
    assert measure([], None) == []


def test_a_measurement_that_breaks_is_an_error_and_no_pass():
    frame = pd.DataFrame({"x": ["a", "b"]})
    with pytest.raises(RuntimeError, match="ExpectColumnValuesToBeBetween"):
        measure([Ask("between", "x", {"min_value": 1, "max_value": 2})], lambda about: frame)
