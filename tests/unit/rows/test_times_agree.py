"""A time in a request is read as training reads it: the same text, the same second of the same wall clock."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headgate.data.times import seconds, to_wall_clock
from headgate.rows.times import iso_of, seconds_of

ZONES = ("UTC", "America/New_York", "Europe/Oslo", "Asia/Kathmandu", "Pacific/Apia")


def in_training(text, zone):
    """Return seconds as training reads them, None for what is no time there."""
    times, wrong = to_wall_clock(pd.Series([text], dtype=object), zone)
    return None if wrong[0] or np.isnan(seconds(times)[0]) else float(seconds(times)[0])


def in_a_request(text, zone):
    try:
        return seconds_of(text, zone)
    except ValueError:
        return None


TIMES = st.from_regex(r"\A(19|20)\d{2}[-/](0[0-9]|1[0-3])[-/][0-3]\d([T ][0-2]\d(:?[0-6]\d(:?[0-6]\d([.,]\d{1,9})?)?)?"
                      r" ?(Z|[+-][0-2]\d(:?[0-6]\d)?)?)?\Z")
ODD = st.from_regex(r"\A\s?\d{4}[-/]\d{2}[-/]\d{2}([T ]\d{2}(:?\d{2}(:?\d{2}([.,]\d+)?)?)?\s?(Z|[+-]\d{2}(:?\d{2})?)?)?"
                    r"\s?\Z")


@settings(max_examples=250, derandomize=True, deadline=None)
@given(TIMES, st.sampled_from(ZONES))
def test_a_time_is_the_same_second_in_training_and_in_a_request(text, zone):
    assert in_a_request(text, zone) == in_training(text, zone)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.one_of(ODD, st.text(max_size=12)), st.sampled_from(ZONES))
def test_what_looks_like_a_time_is_one_for_both_or_for_neither(text, zone):
    assert in_a_request(text, zone) == in_training(text, zone)


@pytest.mark.parametrize("text", [
    "2026-03-29T02:30:00", "2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", "2026-10-25T00:30:00Z",
    "2026-10-25T01:30:00Z", "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00", "2026-02-29", "2024-02-29",
    "0001-01-01", "0001-01-01T00:00+10", "9999-12-31T23:59:59.999999", "9999-12-31T23:59-10:00", "0000-01-01",
    "1582-10-10", "2026-01-01T24:00", "2026-06-30T23:59:60", "2026-01-01T00:00:00.1234567", "20260101", "2026-1-1",
    "03/04/2026", "2026-01-01T00:00+24:00", "2026-01-01T00:00+23:59", "2026-01-01T00:00-00:00", "now", "",
    "\u0662\u0660\u0662\u0666-01-01", "2026-01-01T05:3012", "2026-01-01T0530:12", "2026-01-01T0530",
    "2026-01-01T053012.5+0130", "2026-01-01T05:30:12,25-01:30", "2026-01/01", "2026-01-01T00:00 +01",
    "2026-01-01t00:00z"])
@pytest.mark.parametrize("zone", ZONES)
def test_hours_that_come_twice_or_never_and_the_ends_of_the_calendar(text, zone):
    assert in_a_request(text, zone) == in_training(text, zone)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)))
def test_a_time_that_is_written_out_reads_as_itself(moment):
    assert iso_of(seconds_of(moment.isoformat(), "UTC")) == moment.isoformat()
