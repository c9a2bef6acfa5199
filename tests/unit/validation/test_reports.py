"""The report as a value and as files; the rows set aside."""

import errno
import json
import os
import pickle
import re

import numpy as np
import pandas as pd
import pytest

from headgate.errors import HeadgateError, StorageError
from headgate.spec import ModelSpec
from headgate.validation import ValidationReport, offending, quarantine, validate, write_validation_report
from headgate.validation.report import MOST_EXAMPLES, MOST_ROWS

ROWS = 300


@pytest.fixture(scope="module")
def spec():
    return ModelSpec.model_validate({
        "name": "boats", "data": {"source": {"csv": "boats.csv"}, "key": ["boat"]},
        "target": {"column": "late", "classes": ["no", "yes"]}, "algorithms": ["logistic_regression"],
        "columns": [{"name": "speed", "kind": "number", "range": [0, 100]},
                    {"name": "captain", "kind": "category", "categories": ["Ann", "Bo"], "private": True},
                    {"name": "colour", "kind": "category", "categories": ["red", "<b>green</b>"]}]})


@pytest.fixture(scope="module")
def frame():
    """Rows 0 to 199 are too fast, row 5 has a strange colour and a strange captain too; the index counts down."""
    table = pd.DataFrame({"boat": [f"b{number}" for number in range(ROWS)], "speed": 50.5,
                          "captain": ["Ann", "Bo"] * 150, "colour": ["red", "<b>green</b>"] * 150,
                          "late": ["no", "yes"] * 150, "note": "æ, \"x\"\ny"})
    table.loc[:199, "speed"] = 1e6
    table.loc[5, ["colour", "captain"]] = ["<script>alert(1)</script>", "Zoë"]
    table.index = np.arange(ROWS)[::-1]
    return table


@pytest.fixture(scope="module")
def report(frame, spec):
    return validate(frame, spec, as_of=None)


def test_failed_checks_come_first_and_rows_and_examples_are_bounded(report):
    oks = [check.ok for check in report.checks]
    assert oks == sorted(oks) and not report.ok
    speed = next(check for check in report.failed if check.column == "speed")
    assert (speed.count, len(speed.rows), len(speed.examples)) == (200, MOST_ROWS, MOST_EXAMPLES)
    assert speed.examples[0] == {"row": 0, "boat": "b0", "speed": 1e6}


def test_a_report_survives_json_and_pickle(report):
    text = json.dumps(report.to_dict(), allow_nan=False)
    assert ValidationReport.from_dict(json.loads(text)) == report
    assert pickle.loads(pickle.dumps(report)) == report


def test_quarantine_holds_every_offending_row_once_with_its_values_as_they_came(frame, report, tmp_path):
    path = quarantine(frame, report, tmp_path / "deep" / "rows.csv")
    back = pd.read_csv(path)
    assert len(back) == 200 and list(back.columns) == ["rule", "reason", *frame.columns]
    pd.testing.assert_frame_equal(back.drop(columns=["rule", "reason"]), frame.iloc[:200].reset_index(drop=True),
                                  check_dtype=False)
    assert back.rule[0] == "ranges of speed"
    assert back.rule[5] == "ranges of speed; categories of captain; categories of colour"
    assert "not from 0 to 100" in back.reason[5] and os.listdir(path.parent) == ["rows.csv"]


def test_offending_rows_keep_their_index_and_the_table_is_not_changed(frame, report):
    before = frame.copy(deep=True)
    assert offending(frame, report).index.tolist() == list(range(ROWS - 1, ROWS - 201, -1))
    pd.testing.assert_frame_equal(frame, before)


def test_a_table_that_has_a_column_called_rule_keeps_it(frame, report):
    rows = offending(frame.assign(rule="ours"), report)
    assert set(rows["rule"]) == {"ours"} and rows["headgate rule"].iloc[0] == "ranges of speed"


def test_nothing_is_written_if_no_row_offends(frame, spec, tmp_path):
    good = frame.iloc[200:]
    report = validate(good, spec, as_of=None)
    assert report.ok and quarantine(good, report, tmp_path / "rows.csv") is None and not os.listdir(tmp_path)


def test_a_failure_of_the_table_as_a_whole_points_at_no_rows(frame, spec, tmp_path):
    few = frame.iloc[200:250]
    report = validate(few, spec, as_of=None)
    assert [check.rule for check in report.failed] == ["minimum_rows"]
    assert quarantine(few, report, tmp_path / "rows.csv") is None


def test_a_report_of_another_table_or_from_json_is_refused(frame, report):
    with pytest.raises(HeadgateError, match="another table"):
        offending(frame.iloc[1:], report)
    with pytest.raises(HeadgateError, match="Validate the table again"):
        offending(frame, ValidationReport.from_dict(report.to_dict()))


def test_a_full_disk_leaves_the_old_quarantine_file_whole(frame, report, tmp_path, monkeypatch):
    path = tmp_path / "rows.csv"
    path.write_text("old", encoding="utf-8")

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(pd.DataFrame, "to_csv", full)
    with pytest.raises(StorageError, match="No space left"):
        quarantine(frame, report, path)
    assert path.read_text(encoding="utf-8") == "old" and os.listdir(tmp_path) == ["rows.csv"]


def test_the_page_needs_nothing_but_itself_and_escapes_what_the_table_holds(report, tmp_path):
    paths = write_validation_report(report, tmp_path / "report")
    page = paths["html"].read_text(encoding="utf-8")
    assert not re.search(r"https?://|<script|<link[^>]+href=\"(?!data:)|@import|src=\"(?!data:)", page)
    assert "&lt;script&gt;alert(1)" in page and "nothing will be trained" in page
    assert page.index("What failed") < page.index("What was skipped") < page.index("What passed")


def test_markdown_tells_what_failed_and_json_is_the_report(report, tmp_path):
    paths = write_validation_report(report, tmp_path)
    text = paths["markdown"].read_text(encoding="utf-8")
    assert "FAILED" in text and "| failed | ranges | speed | 66.7 % of rows | none |" in text and "<script>" not in text
    assert ValidationReport.from_dict(json.loads(paths["json"].read_text(encoding="utf-8"))) == report


def test_the_page_of_a_good_table_says_passed(frame, spec, tmp_path):
    report = validate(frame.iloc[200:].reset_index(drop=True), spec, as_of=None)
    paths = write_validation_report(report, tmp_path)
    assert "Passed" in paths["html"].read_text(encoding="utf-8")
    assert "FAILED" not in paths["markdown"].read_text(encoding="utf-8")


def test_private_values_stand_in_no_report(report, tmp_path):
    for path in write_validation_report(report, tmp_path).values():
        assert "Zoë" not in path.read_text(encoding="utf-8")
    assert next(check for check in report.failed if check.column == "captain").examples[0]["captain"] == "(private)"
