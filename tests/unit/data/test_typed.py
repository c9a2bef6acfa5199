"""What becomes of a cell: its kind, missing, or unconvertible, never silently something else."""

import numpy as np
import pandas as pd
import pytest

from headgate.data import coerce, to_columns
from headgate.errors import SourceError

NAN = float("nan")


def typed(make_spec, kind, values, **column):
    if kind == "category":
        column.setdefault("categories", ["1", "2", "True", "a"])
    spec = make_spec(columns=[{"name": "x", "kind": kind, "nullable": True, **column}])
    frame = pd.DataFrame({"x": values, "returned": 0})
    done = coerce(frame, spec)
    bad = done.unconvertible.get("x", np.zeros(len(frame), dtype=bool))
    return done.frame["x"], list(np.flatnonzero(bad))


@pytest.mark.parametrize("kind, values, expected, bad", [
    ("number", [1, 2], [1.0, 2.0], []),
    ("number", ["1", " 2.5 ", "1e3", "", None], [1.0, 2.5, 1000.0, NAN, NAN], []),
    ("number", ["1", "two", "3,5"], [1.0, NAN, NAN], [1, 2]),
    ("number", [1.0, np.inf, -np.inf, NAN], [1.0, NAN, NAN, NAN], [1, 2]),
    ("number", ["inf", "-Infinity", "1"], [NAN, NAN, 1.0], [0, 1]),
    ("number", [1, "two", None, [3]], [1.0, NAN, NAN, NAN], [1, 3]),
    ("number", pd.to_datetime(["2013-01-01"]), [NAN], [0]),
    ("number", [None, None], [NAN, NAN], []),
    ("number", [True, False], [1.0, 0.0], []),
    ("integer", [1.0, 1.5, NAN], [1.0, NAN, NAN], [1]),
    ("integer", pd.array([1, None], dtype="Int64"), [1.0, NAN], []),
    ("boolean", [True, False, None], [1.0, 0.0, NAN], []),
    ("boolean", ["yes", "No", "TRUE", "f", "1", "0.0", "maybe"], [1.0, 0.0, 1.0, 0.0, 1.0, 0.0, NAN], [6]),
    ("boolean", [0, 1, 2], [0.0, 1.0, NAN], [2]),
])
def test_numbers(make_spec, kind, values, expected, bad):
    series, wrong = typed(make_spec, kind, values)
    assert series.dtype == "float64"
    np.testing.assert_array_equal(series.to_numpy(), expected)
    assert wrong == bad


@pytest.mark.parametrize("values, expected", [
    ([1, 2], ["1", "2"]),
    ([1.0, NAN], ["1", ""]),
    (["1.0", "1", "01", ""], ["1", "1", "01", ""]),
    ([True, False], ["True", "False"]),
    (["TRUE", "b", "  "], ["True", "b", ""]),
    (pd.Categorical(["a", None]), ["a", ""]),
    ([["a"], None], ["['a']", ""]),
])
def test_categories_are_text(make_spec, values, expected):
    series, wrong = typed(make_spec, "category", values)
    assert str(series.dtype) == "str" and wrong == []
    assert list(series.fillna("")) == expected


@pytest.mark.parametrize("values, expected, bad", [
    (["2013-10-31", "2013/10/31 17:05", "2013-10-31T17:05:00Z"],
     ["2013-10-31 00:00", "2013-10-31 17:05", "2013-10-31 13:05"], []),
    (["2013-10-31T17:05:00+02:00", "2013-02-30", "31.10.2013"], ["2013-10-31 11:05", None, None], [1, 2]),
    (pd.to_datetime(["2013-10-31T17:05:00Z"]), ["2013-10-31 13:05"], []),
    (pd.to_datetime(["2013-10-31T17:05:00"]), ["2013-10-31 17:05"], []),
    ([20131031], [None], [0]),
    (["", None, "2013-10-31"], [None, None, "2013-10-31"], []),
])
def test_times_are_wall_clock_of_the_zone(make_spec, values, expected, bad):
    spec = make_spec(columns=[{"name": "x", "kind": "datetime", "nullable": True}],
                     data={"time_zone": "America/New_York"})
    done = coerce(pd.DataFrame({"x": values, "returned": 0}), spec)
    assert str(done.frame["x"].dtype) == "datetime64[us]"
    pd.testing.assert_series_equal(done.frame["x"], pd.Series(pd.to_datetime(expected), name="x"), check_dtype=False)
    assert list(np.flatnonzero(done.unconvertible.get("x", []))) == bad


@pytest.mark.parametrize("values, classes, expected", [
    ([1, 0], ["0", "1"], ["1", "0"]),
    ([1.0, NAN], ["0", "1"], ["1", ""]),
    (["1.0", "0"], ["0", "1"], ["1", "0"]),
    ([True, False], ["0", "1"], ["1", "0"]),
    (["true", "FALSE"], ["False", "True"], ["True", "False"]),
    ([1, 0], ["False", "True"], ["True", "False"]),
    ([1.0, 2.5], ["1", "2.5"], ["1", "2.5"]),
    (["yes", "Yes"], ["no", "yes"], ["yes", "Yes"]),
])
def test_the_target_is_the_text_of_its_class(make_spec, values, classes, expected):
    spec = make_spec(columns=[{"name": "x", "kind": "number"}], target={"column": "t", "classes": classes})
    assert list(coerce(pd.DataFrame({"x": 1.0, "t": values}), spec).frame["t"].fillna("")) == expected


def test_a_derived_target_at_just_below_and_above_its_limit(make_spec):
    spec = make_spec(target={"column": "late", "classes": ["no", "yes"], "derive": {"column": "delay", "at_least": 15}})
    done = coerce(pd.DataFrame({"price": 1.0, "delay": [14.999, 15, 15.001, NAN, np.inf]}), spec)
    assert list(done.frame["late"].fillna("")) == ["no", "yes", "yes", "", ""]
    assert list(done.unconvertible["late"]) == [False, False, False, False, True]
    assert "delay" not in done.frame


def test_columns_are_plain_arrays_with_a_stand_in_for_missing_text(make_spec):
    columns = [{"name": "n", "kind": "number"}, {"name": "c", "kind": "category", "categories": ["a"]},
               {"name": "d", "kind": "datetime"}]
    spec = make_spec(columns=columns)
    frame = pd.DataFrame({"d": ["1970-01-02", None], "c": ["a", None], "n": [None, 2], "returned": 0})
    arrays = to_columns(coerce(frame, spec).frame, spec)
    assert list(arrays) == ["n", "c", "d"]
    np.testing.assert_array_equal(arrays["n"], [NAN, 2.0])
    np.testing.assert_array_equal(arrays["d"], [86400.0, NAN])
    assert arrays["c"].dtype == object and list(arrays["c"]) == ["a", ""]


def test_columns_name_what_is_missing(make_spec):
    with pytest.raises(SourceError, match="no column 'items'"):
        to_columns(pd.DataFrame({"price": [1.0]}), make_spec())


def test_coercing_leaves_its_argument_alone(make_spec):
    frame = pd.DataFrame({"price": ["1", "x"], "items": [1.5, np.inf], "gift": ["yes", "no"], "city": [1, 2],
                          "returned": [0, 1]})
    before = frame.copy(deep=True)
    coerce(frame, make_spec())
    pd.testing.assert_frame_equal(frame, before)
