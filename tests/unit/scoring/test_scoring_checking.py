"""Which rows of a block may reach the model: the same as of a request, in the same words."""

import json

import numpy as np
import pandas as pd
import pytest

from headgate.errors import Refusal
from headgate.rows.columns import LARGEST
from headgate.rows.single import RowReader
from headgate.scoring.checking import bad_rows, check_block
from tests.unit.scoring.harbour import GOOD, make_spec

SPEC = make_spec()


def boats(*changes):
    return pd.DataFrame([{**GOOD, **change} for change in changes] or [GOOD])


@pytest.mark.parametrize("name, value, wrong", [
    ("length", 1.999, True), ("length", 2, False), ("length", 80, False), ("length", 80.001, True),
    ("length", np.nan, True), ("length", np.inf, True), ("length", "long", True), ("length", "12.5", False),
    ("crew", -1, True), ("crew", 0, False), ("crew", 1.5, True), ("crew", np.nan, False), ("crew", "three", True),
    ("sail", "yes", False), ("sail", 2, True), ("sail", None, True), ("sail", "perhaps", True),
    ("flag", "NO", False), ("flag", 1.0, False), ("flag", "SE", True), ("flag", None, True), ("flag", " ", True),
    ("home", "Bergen", False), ("home", None, False), ("home", "", False),
    ("left", "2024-01-01", False), ("left", None, False), ("left", "03/04/2024", True), ("left", 20240101, True)])
def test_each_kind_at_its_limits(name, value, wrong):
    checked = check_block(boats({name: value}, {}), SPEC)
    assert checked.bad.tolist() == [wrong, False] and set(checked.wrong) == ({name} if wrong else set())


@pytest.mark.parametrize("name, value", [
    ("length", 1.999), ("length", 2), ("length", 80), ("length", 81), ("length", None), ("crew", 1.5), ("crew", None),
    ("sail", None), ("flag", "SE"), ("flag", None), ("home", "Bergen"), ("home", None), ("left", "03/04/2024"),
    ("left", "2024-01-01"), ("left", None)])
def test_a_row_of_a_table_is_refused_where_the_service_refuses_it_and_in_its_words(name, value):
    frame = boats({name: value})
    checked = check_block(frame, SPEC)
    try:
        RowReader(SPEC).read(json.dumps({**GOOD, name: value}).encode())
        assert not checked.bad.any()
    except Refusal as refusal:
        assert bad_rows(frame, checked, SPEC)["reason"].tolist() == [refusal.problems[0].message]


def test_a_number_without_a_range_is_refused_where_the_model_has_none_for_it():
    spec = SPEC.model_copy(update={"columns": [SPEC.column("length").model_copy(update={"range": None})]})
    checked = check_block(pd.DataFrame({"length": [LARGEST, LARGEST * 1.001, -LARGEST, -1e300]}), spec)
    assert checked.bad.tolist() == [False, True, False, True]


def test_bad_rows_are_kept_as_they_came_with_every_reason():
    frame = boats({}, {"length": 99, "flag": "SE"}, {}, {"crew": "x"}).set_axis(range(100, 104))
    aside = bad_rows(frame, check_block(frame, SPEC), SPEC)
    assert aside["row"].tolist() == [101, 103] and list(aside.columns[:2]) == ["row", "reason"]
    assert aside["reason"].tolist() == [
        'length must be a number from 2 to 80 (m); seen 99.; flag must be one of "NO", "DK", "1"; seen "SE".',
        'crew must be a whole number from 0 to 40, or null; seen "x".']
    pd.testing.assert_frame_equal(aside[list(frame.columns)], frame.iloc[[1, 3]])


def test_a_column_of_the_table_called_row_stays():
    frame = boats({"length": 99}).assign(row="mine")
    assert list(bad_rows(frame, check_block(frame, SPEC), SPEC).columns[:2]) == ["headgate row", "reason"]


def test_columns_of_the_table_called_as_ours_would_be_then_stay_too():
    frame = boats({"length": 99}).assign(**{"row": "mine", "headgate row": "mine too", "reason": "none"})
    aside = bad_rows(frame, check_block(frame, SPEC), SPEC)
    assert list(aside.columns[:2]) == ["headgate headgate row", "headgate reason"]
    assert aside[["row", "headgate row", "reason"]].iloc[0].tolist() == ["mine", "mine too", "none"]


def test_rows_without_a_fault_cost_no_masks():
    checked = check_block(boats({}, {}), SPEC)
    assert checked.wrong == {} and checked.bad.tolist() == [False, False]
    assert checked.arrays["home"].dtype == object and checked.arrays["left"][0] == 1704103200
