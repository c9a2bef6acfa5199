"""What a table must be before anything is learnt from it, told on a small table of two classes."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from headgate.data.typed import coerce
from headgate.spec import ModelSpec
from headgate.validation import validate
from headgate.validation.checks import CHECKS

AS_OF = date(2024, 1, 1)
ROWS = 200


def spec_of(columns=None, data=None, target=None, drift=None):
    """A spec with a time column and a key; the arguments change parts of it."""
    columns = columns or [
        {"name": "speed", "kind": "number", "range": [0, 100], "unit": "km/h"},
        {"name": "gust", "kind": "number", "nullable": True, "max_null_share": 0.2},
        {"name": "doors", "kind": "integer", "range": [1, 9], "outside": "drop"},
        {"name": "colour", "kind": "category", "categories": ["red", "green"]},
        {"name": "wet", "kind": "boolean"}]
    return ModelSpec.model_validate({
        "name": "boats", "columns": columns, "algorithms": ["logistic_regression"],
        "data": {"source": {"csv": "boats.csv"}, "key": ["boat"], "time_column": "seen_at", "min_rows": 100,
                 "min_class_rows": 10, "max_removed_share": 0.05, "max_age_days": 3, **(data or {})},
        "target": target or {"column": "late", "classes": ["no", "yes"]}, "drift": drift or {}})


def table(rows=ROWS, seed=0):
    """A table that passes every check."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame({
        "boat": np.arange(rows), "seen_at": pd.Timestamp("2023-12-31 12:00") - pd.to_timedelta(np.arange(rows), "h"),
        "speed": rng.uniform(1, 99, rows), "gust": rng.uniform(0, 300, rows), "doors": rng.integers(1, 10, rows),
        "colour": rng.choice(["red", "green"], rows), "wet": rng.choice([True, False], rows),
        "late": rng.choice(["no", "yes"], rows), "note": "seen from the bridge"})


def changed(column, rows, value, **options):
    """The good table with `value` in the first `rows` cells of a column."""
    frame = table(**options)
    frame[column] = frame[column].astype(object)
    frame.loc[:rows - 1, column] = value
    return frame


def check(report, rule, column=None):
    """The only check of a rule and column."""
    found = [one for one in report.checks if one.rule == rule and (column is None or one.column == column)]
    assert len(found) == 1, f"{len(found)} checks of {rule} on {column}"
    return found[0]


def judge(frame, spec=None, **options):
    return validate(frame, spec or spec_of(), **{"as_of": AS_OF, **options})


def failures(report):
    return {(one.rule, one.column) for one in report.failed}


def test_a_good_table_passes_every_check_that_there_is():
    report = judge(table(), reference=table(1000, seed=1), spec=spec_of(drift={"min_rows": 20}))
    assert report.ok and report.failed == ()
    assert {one.rule for one in report.checks} == {rule.__name__ for rule in CHECKS}
    assert all(one.sentence.endswith((".", "may.")) for one in report.checks)


def test_all_checks_run_even_after_one_fails():
    frame = changed("colour", 1, "purple").drop(columns="speed")
    frame["late"] = "no"
    assert {rule for rule, _ in failures(judge(frame))} == {"schema", "categories", "class_rows", "varying_target"}


# schema and types

def test_validate_schema_success():
    report = judge(table())
    assert [one.column for one in report.checks if one.rule == "schema" and one.ok] == [
        "speed", "gust", "doors", "colour", "wet", "late", "seen_at", "boat"]


def test_validate_schema_failure():
    report = judge(table().rename(columns={"speed": "Spead", "late": "lateness"}))
    assert failures(report) == {("schema", "speed"), ("schema", "late")}
    assert "'Spead'" in check(report, "schema", "speed").sentence
    assert "'lateness'" in check(report, "schema", "late").sentence
    assert check(report, "schema", "speed").observed == 0


@pytest.mark.parametrize("there, told", [
    ("SPEED", "nearest column of the table is 'SPEED'"), (" speed ", "nearest column of the table is ' speed '"),
    ("zzz", "The table has 'zzz', ")])
def test_a_missing_column_is_told_the_nearest_name_or_a_few_of_the_table(there, told):
    frame = table().drop(columns="speed")
    names = [there if name == "speed" else name for name in table().columns if name != "note"]
    assert told in check(judge(frame.drop(columns="note"), names=names), "schema", "speed").sentence


@pytest.mark.parametrize("column", ["boat", "seen_at", "doors", "colour"])
def test_a_missing_column_of_any_kind_is_one_failed_check(column):
    assert failures(judge(table().drop(columns=column))) == {("schema", column)}


def test_a_column_that_is_there_twice_fails():
    frame = table()
    frame = pd.concat([frame, frame[["speed"]]], axis=1)
    report = judge(frame)
    assert failures(report) == {("schema", "speed")} and check(report, "schema", "speed").observed == 2


def test_a_derived_target_needs_the_column_it_is_read_from():
    derived = {"column": "late", "classes": ["no", "yes"], "derive": {"column": "delay", "at_least": 15}}
    frame = table().drop(columns="late").assign(delay=np.arange(ROWS) % 30)
    assert judge(frame, spec_of(target=derived)).ok
    assert failures(judge(frame.drop(columns="delay"), spec_of(target=derived))) == {("schema", "delay")}


@pytest.mark.parametrize("column, value, word", [
    ("speed", "fast", "numbers"), ("speed", np.inf, "numbers"), ("speed", -np.inf, "numbers"),
    ("doors", 2.5, "whole"), ("wet", "maybe", "true or false"), ("seen_at", "yesterday", "dates")])
def test_one_cell_of_another_type_fails_and_is_shown(column, value, word):
    found = check(judge(changed(column, 1, value)), "types", column)
    assert (found.ok, found.count, found.rows) == (False, 1, (0,))
    assert word in found.sentence and found.examples[0][column] == (value if value == 2.5 else str(value))


def test_cells_that_can_be_read_are_no_failure():
    frame = table()
    assert judge(frame.assign(speed=frame.speed.astype("str"), seen_at=frame.seen_at.astype("str"))).ok


def test_an_unreadable_cell_is_not_called_an_empty_one():
    report = judge(changed("gust", 60, "strong"))
    assert failures(report) == {("types", "gust")}
    assert check(report, "nulls", "gust").count == 0


def test_an_unreadable_derived_target_is_an_unreadable_number():
    derived = {"column": "late", "classes": ["no", "yes"], "derive": {"column": "delay", "at_least": 15}}
    frame = table().assign(delay=[f"{number % 30}" for number in range(ROWS)])
    frame.loc[:19, "delay"] = "lots"
    report = judge(frame, spec_of(target=derived))
    assert failures(report) == {("types", "delay")} and check(report, "types", "delay").count == 20
    assert check(report, "nulls", "delay").count == 0


# nulls

def test_validate_nulls_success():
    report = judge(changed("speed", 10, None))
    assert report.ok
    assert (check(report, "nulls", "speed").observed, check(report, "nulls", "speed").limit) == (0.05, 0.05)


def test_validate_nulls_failure():
    found = check(judge(changed("speed", 60, np.nan)), "nulls", "speed")
    assert not found.ok and (found.observed, found.count) == (0.3, 60)
    assert "60 of 200" in found.sentence and "30.0 %" in found.sentence
    assert found.rows == tuple(range(60)) and found.examples[0] == {
        "row": 0, "boat": 0, "seen_at": "2023-12-31 12:00:00", "speed": None}


@pytest.mark.parametrize("column, limit", [("speed", 10), ("gust", 40), ("late", 10), ("seen_at", 10)])
@pytest.mark.parametrize("over", [-1, 0, 1])
def test_nulls_just_under_at_and_over_the_limit(column, limit, over):
    found = check(judge(changed(column, limit + over, None), spec_of(data={"max_age_days": 30})), "nulls", column)
    assert (found.ok, found.count) == (over <= 0, limit + over)


@pytest.mark.parametrize("share", [0.2, 1.0])
def test_a_column_with_no_value_at_all_fails_whatever_share_is_allowed(share):
    columns = [{"name": "speed", "kind": "number", "nullable": True, "max_null_share": share}]
    found = check(judge(table().assign(speed=np.nan), spec_of(columns)), "nulls", "speed")
    assert not found.ok and "Every cell" in found.sentence


def test_nulls_of_a_derived_target_are_nulls_of_its_column():
    derived = {"column": "late", "classes": ["no", "yes"], "derive": {"column": "delay", "at_least": 15}}
    frame = table().assign(delay=np.arange(ROWS) % 30.0)
    frame.loc[:10, "delay"] = np.nan
    assert failures(judge(frame, spec_of(target=derived))) == {("nulls", "delay")}


# ranges

def test_validate_ranges_success():
    report = judge(changed("speed", 2, [0.0, 100.0]))
    assert check(report, "ranges", "speed").ok and check(report, "ranges", "speed").count == 0


def test_validate_ranges_failure():
    found = check(judge(changed("speed", 3, 100.1)), "ranges", "speed")
    assert not found.ok and found.count == 3 and found.rows == (0, 1, 2)
    assert "0 to 100 km/h" in found.sentence and "highest 100.1" in found.sentence


@pytest.mark.parametrize("value, ok", [
    (np.nextafter(0, -1), False), (0.0, True), (100.0, True), (np.nextafter(100, 101), False), (np.nan, True)])
def test_one_value_at_and_beyond_the_ends_of_a_range(value, ok):
    assert check(judge(changed("speed", 1, value)), "ranges", "speed").ok is ok


@pytest.mark.parametrize("rows, ok", [(9, True), (10, True), (11, False)])
def test_rows_to_be_dropped_may_be_out_of_range_up_to_a_share(rows, ok):
    found = check(judge(changed("doors", rows, 10)), "ranges", "doors")
    assert (found.ok, found.count, found.limit) == (ok, rows, 0.05)


def test_a_column_without_a_range_has_no_range_to_break():
    assert judge(changed("gust", 5, 1e300)).ok


# categories

@pytest.mark.parametrize("options, allowed", [
    ({}, 0), ({"outside": "drop"}, 10), ({"unknown": "treat_as_unknown", "max_null_share": 0.1}, 20)])
@pytest.mark.parametrize("over", [0, 1])
def test_categories_never_seen_just_at_and_over_what_is_allowed(options, allowed, over):
    columns = [{"name": "colour", "kind": "category", "categories": ["red", "green"], **options}]
    found = check(judge(changed("colour", allowed + over, "purple"), spec_of(columns)), "categories")
    assert (found.ok, found.count) == (over == 0, allowed + over)
    assert over == 0 or ("'purple'" in found.sentence and found.examples[0]["colour"] == "purple")


@pytest.mark.parametrize("options, key", [
    ({"outside": "drop"}, "(data.max_removed_share)"), ({"unknown": "treat_as_unknown"}, "(max_null_share)")])
def test_too_many_categories_never_seen_name_the_key_of_the_limit(options, key):
    columns = [{"name": "colour", "kind": "category", "categories": ["red", "green"], **options}]
    found = check(judge(changed("colour", 150, "purple"), spec_of(columns)), "categories")
    assert not found.ok and key in found.sentence and f"or raise {key.strip('()')}" in found.sentence


def test_an_empty_cell_is_no_unknown_category():
    columns = [{"name": "colour", "kind": "category", "categories": ["red", "green"], "nullable": True}]
    assert judge(changed("colour", 50, None), spec_of(columns)).ok


# uniqueness

@pytest.mark.parametrize("copies, ok", [(9, True), (10, True), (11, False)])
def test_rows_that_repeat_a_key_up_to_a_share(copies, ok):
    frame = changed("boat", copies + 1, 7)
    frame.loc[7, "boat"] = 7
    found = check(judge(frame), "uniqueness")
    assert (found.ok, found.count) == (ok, copies)
    assert ok or found.rows == tuple(range(1, copies + 1)), "the first of them may stay"


@pytest.mark.parametrize("copies, ok", [(9, True), (10, True), (11, False)])
def test_without_a_key_whole_rows_may_be_repeated_up_to_a_share(copies, ok):
    frame = table()
    frame.iloc[ROWS - copies:] = frame.iloc[:copies].to_numpy()
    found = check(judge(frame, spec_of(data={"key": []})), "uniqueness")
    assert (found.ok, found.count) == (ok, copies)


# rows and classes

@pytest.mark.parametrize("rows, ok", [(99, False), (100, True), (101, True)])
def test_the_fewest_rows(rows, ok):
    found = check(judge(table(rows)), "minimum_rows")
    assert (found.ok, found.observed, found.limit) == (ok, rows, 100)


def test_an_empty_table_fails_on_its_rows_and_classes_only():
    report = judge(table().iloc[:0], spec_of(data={"max_age_days": None}))
    assert {rule for rule, _ in failures(report)} == {"minimum_rows", "class_rows", "varying_target"}


def test_a_table_without_columns_or_rows_is_judged_too():
    report = judge(pd.DataFrame())
    assert {rule for rule, _ in failures(report)} == {"schema", "minimum_rows"}


def test_validate_target_distribution_success():
    report = judge(table())
    found = [one for one in report.checks if one.rule == "class_rows"]
    assert [one.ok for one in found] == [True, True] and sum(one.observed for one in found) == ROWS


def test_validate_target_distribution_failure():
    frame = table().assign(late="no")
    frame.loc[0, "late"] = "yes"
    report = judge(frame)
    assert failures(report) == {("class_rows", "late")}
    assert (report.failed[0].observed, report.failed[0].limit) == (1, 10) and "'yes'" in report.failed[0].sentence


@pytest.mark.parametrize("rows, ok", [(9, False), (10, True), (11, True)])
def test_the_fewest_rows_of_a_class(rows, ok):
    frame = table().assign(late="no")
    frame.loc[:rows - 1, "late"] = "yes"
    assert judge(frame).ok is ok


def test_a_class_that_is_not_there_and_a_constant_target():
    report = judge(table().assign(late="no"))
    assert failures(report) == {("class_rows", "late"), ("varying_target", "late")}
    assert "nothing to learn" in check(report, "varying_target").sentence


@pytest.mark.parametrize("column", ["late", "late or not?"])
def test_one_value_that_is_no_class(column):
    target = {"column": column, "classes": ["no", "yes"]}
    frame = changed("late", 1, "perhaps").rename(columns={"late": column})
    report = judge(frame, spec_of(target=target))
    assert failures(report) == {("known_classes", column)}
    assert "'perhaps'" in report.failed[0].sentence and report.failed[0].rows == (0,)


# freshness

@pytest.mark.parametrize("newest, age, ok", [
    ("2023-12-31 23:59", 0, True), ("2023-12-29 00:00", 2, True), ("2023-12-28 00:00", 3, True),
    ("2023-12-27 23:59", 4, False)])
def test_the_age_of_the_newest_row_in_days(newest, age, ok):
    frame = table().assign(seen_at=pd.Timestamp(newest) - pd.to_timedelta(np.arange(ROWS), "h"))
    found = check(judge(frame), "freshness")
    assert (found.ok, found.observed, found.limit) == (ok, age, 3)


def test_freshness_is_asked_only_where_a_limit_and_a_day_are_known():
    for report in (judge(table(), spec_of(data={"max_age_days": None})), judge(table(), as_of=None)):
        assert "freshness" not in {one.rule for one in report.checks}


def test_a_table_with_no_time_at_all_is_not_fresh():
    found = check(judge(table().assign(seen_at=pd.NaT)), "freshness")
    assert not found.ok and found.observed is None


# against the champion's reference

def numbers(rows, seed, columns=4, **shifted):
    """Independent normal columns c0, c1, ...; a named one is shifted."""
    rng = np.random.default_rng(seed)
    frame = table(rows, seed)
    for number in range(columns):
        frame[f"c{number}"] = rng.normal(50 + shifted.get(f"c{number}", 0), 10, rows)
    return frame


def numbers_spec(columns=4, **drift):
    return spec_of([{"name": f"c{number}", "kind": "number"} for number in range(columns)],
                   drift={"max_psi": 0.25, "max_share": 0.5, "min_rows": 500, **drift})


def reference_of(frame, spec):
    return coerce(frame, spec).frame


@pytest.mark.parametrize("moved, ok", [(1, True), (2, True), (3, False)])
def test_the_share_of_columns_that_moved_is_judged_and_not_one_column(moved, ok):
    spec = numbers_spec()
    found = check(judge(numbers(600, 1, **{f"c{number}": 12 for number in range(moved)}), spec,
                        reference=reference_of(numbers(600, 2), spec)), "distribution")
    assert (found.ok, found.observed, found.limit) == (ok, moved / 4, 0.5)
    assert {one["column"] for one in found.examples if one["drifted"]} == {f"c{number}" for number in range(moved)}


def test_cells_that_went_missing_count_as_drift_and_are_told():
    spec = spec_of([{"name": f"c{number}", "kind": "number", "nullable": True} for number in range(2)],
                   drift={"max_share": 0.0})
    frame = numbers(600, 1)
    frame.loc[:239, "c0"] = np.nan
    found = check(judge(frame, spec, reference=reference_of(numbers(600, 2), spec)), "distribution")
    assert not found.ok and found.observed == 0.5
    assert found.examples[0]["missing in reference"] == 0 and found.examples[0]["missing now"] == 0.4


@pytest.mark.parametrize("elsewhere, said", [(False, "no champion yet"), (True, "Prefect server and was not asked")])
def test_without_a_champion_the_comparison_is_skipped_and_says_so(elsewhere, said):
    found = check(judge(numbers(600, 1), numbers_spec(), elsewhere=elsewhere), "distribution")
    assert found.skipped and found.status == "skipped" and said in found.sentence


@pytest.mark.parametrize("now, then, skipped", [(499, 600, True), (600, 499, True), (500, 500, False)])
def test_too_few_rows_on_either_side_are_not_compared(now, then, skipped):
    spec = numbers_spec()
    found = check(judge(numbers(now, 1, c0=99, c1=99, c2=99), spec,
                        reference=reference_of(numbers(then, 2), spec)), "distribution")
    assert found.skipped is skipped and found.ok is skipped


def test_a_reference_that_knows_only_some_columns_is_compared_on_those():
    spec = numbers_spec()
    reference = reference_of(numbers(600, 2), spec)
    found = check(judge(numbers(600, 1, c0=30), spec, reference=reference[["c0", "c1"]]), "distribution")
    assert found.observed == 0.5 and len(found.examples) == 2
    assert check(judge(numbers(600, 1), spec, reference=reference[["late"]]), "distribution").skipped


@pytest.mark.parametrize("convert, factor", [
    (lambda value: value * 60, "times 60 "), (lambda value: value * 1.609, "times 1.609"),
    (lambda value: value / 1000, "divided by 1,000"), (lambda value: value * 1.8 + 32, "times 1.8")])
def test_one_whole_column_in_other_units_fails_although_its_share_is_small(convert, factor):
    spec = numbers_spec(20)
    frame = numbers(600, 1, 20)
    report = judge(frame.assign(c3=convert(frame.c3)), spec, reference=reference_of(numbers(2000, 2, 20), spec))
    assert check(report, "distribution").ok, "one of twenty columns"
    assert failures(report) == {("units", "c3")}
    assert factor in report.failed[0].sentence


def test_a_column_that_only_moved_with_the_season_is_in_its_units():
    spec = numbers_spec(20)
    frame = numbers(600, 1, 20, c3=25)
    frame["c4"] = 30 + (frame["c4"] - 50) / 3
    report = judge(frame, spec, reference=reference_of(numbers(2000, 2, 20), spec))
    assert report.ok and check(report, "distribution").observed == 0.1


def test_days_of_the_first_weeks_of_a_month_are_not_days_in_miles():
    others = [{"name": f"c{number}", "kind": "number"} for number in range(9)]
    spec = spec_of([{"name": "day", "kind": "integer"}, *others])
    draw = np.random.default_rng(3)
    whole, start = draw.integers(1, 32, 6000), draw.integers(1, 20, 2000)
    reference = reference_of(numbers(6000, 2, 9).assign(day=whole), spec)
    report = judge(numbers(2000, 1, 9).assign(day=start), spec, reference=reference)
    assert report.ok and check(report, "distribution").observed == 0.1, "it moved, and is in its unit"
    assert failures(judge(numbers(6000, 1, 9).assign(day=whole * 60), spec, reference=reference)) == {("units", "day")}


def test_another_unit_is_also_caught_by_a_tight_range_without_a_champion():
    frame = table()
    assert ("ranges", "speed") in failures(judge(frame.assign(speed=frame.speed * 60)))


def test_a_datetime_column_always_moves_on_and_is_not_compared():
    spec = spec_of([{"name": "c0", "kind": "number"}, {"name": "seen_at", "kind": "datetime"}])
    reference = reference_of(numbers(600, 2).assign(seen_at=pd.Timestamp("2020-01-01")), spec)
    found = check(judge(numbers(600, 1), spec, reference=reference), "distribution")
    assert [one["column"] for one in found.examples] == ["c0"]
