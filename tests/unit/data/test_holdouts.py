"""Which rows judge: the same ones on every run, platform and row order."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from headgate.data import HoldoutRule, checked_holdout_mask, coerce, holdout_rule, resolve_as_of
from headgate.data.hashing import duplicate_mask, hash_rows
from headgate.errors import AsOfError, SpecError


def rows(n, seed=0):
    random = np.random.default_rng(seed)
    return pd.DataFrame({"price": random.normal(size=n), "items": random.integers(0, 9, n),
                         "gift": random.random(n) < 0.5, "city": random.choice(["Oslo", "007", None], n),
                         "returned": random.integers(0, 2, n)})


def mask_of(spec, frame, rule=None):
    return (rule or holdout_rule(spec, None)).holdout_mask(coerce(frame, spec).frame, spec)


def test_hashes_never_change():
    frame = pd.DataFrame({"n": [1.5, -0.0, np.nan], "c": pd.Series(["Oslo", "", None], dtype="str"),
                          "t": pd.to_datetime(["2013-10-31 17:05", "1970-01-01 00:00", None])})
    assert [f"{value:016x}" for value in hash_rows(frame, ["n", "c", "t"])] == PINNED
    assert [f"{value:016x}" for value in hash_rows(frame[:1], ["n", "c"], as_text=True)] == PINNED_TEXT


PINNED = ["257dd86df897e463", "4a08c95571fdd011", "233ed076b8130174"]
PINNED_TEXT = ["a5ae470a7912b098"]


def test_a_share_is_held_out(make_spec):
    spec = make_spec(data={"holdout": {"share": 0.25}})
    assert abs(mask_of(spec, rows(20_000)).mean() - 0.25) < 0.01
    assert abs(mask_of(make_spec(), rows(20_000)).mean() - 0.2) < 0.01


def test_a_row_keeps_its_side_in_any_order_and_company(make_spec):
    spec, frame = make_spec(), rows(1000)
    mask = pd.Series(mask_of(spec, frame))
    shuffled = frame.sample(frac=1, random_state=1)
    assert list(mask_of(spec, shuffled)) == list(mask[shuffled.index])
    assert list(mask_of(spec, pd.concat([rows(50, seed=9), frame]))[50:]) == list(mask)


def test_duplicates_are_on_one_side_whatever_their_answer(make_spec):
    spec, frame = make_spec(), rows(1000)
    other = frame.assign(returned=1 - frame["returned"])
    assert list(mask_of(spec, frame)) == list(mask_of(spec, other))


def test_the_key_alone_decides_however_it_is_written(make_spec):
    spec = make_spec(data={"key": ["id"]})
    numbers = rows(500).assign(id=range(500))
    texts = rows(500, seed=3).assign(id=[str(i) for i in range(500)])
    floats = rows(500, seed=4).assign(id=np.arange(500.0))
    assert list(mask_of(spec, numbers)) == list(mask_of(spec, texts)) == list(mask_of(spec, floats))
    assert 60 < mask_of(spec, numbers).sum() < 140


def test_a_smaller_share_is_part_of_a_larger_one(make_spec):
    small, large = (mask_of(make_spec(data={"holdout": {"share": share}}), rows(2000)) for share in (0.1, 0.3))
    assert not (small & ~large).any()


def test_a_rule_survives_being_written_down(make_spec):
    for rule in (holdout_rule(make_spec(), None), holdout_rule(timed(make_spec), date(2013, 11, 1))):
        assert HoldoutRule.from_dict(rule.to_dict()) == rule


def test_a_champions_rule_on_a_table_without_its_columns_calls_no_row_unseen(make_spec):
    rule = holdout_rule(make_spec(), None)
    narrow = make_spec(columns=[{"name": "price", "kind": "number"}])
    assert not rule.unseen_mask(coerce(rows(100), narrow).frame, narrow).any()


def timed(make_spec, **data):
    return make_spec(columns=[{"name": "price", "kind": "number"}],
                     data={"time_column": "at", "time_zone": "America/New_York", **data})


def times(*values):
    return pd.DataFrame({"price": 1.0, "returned": 0, "at": values})


def test_the_newest_days_judge_from_local_midnight_on(make_spec):
    spec = timed(make_spec, holdout={"days": 31})
    rule = holdout_rule(spec, date(2013, 11, 1))
    frame = times("2013-10-01T03:59:59Z", "2013-10-01T04:00:00Z", "2013-11-01T03:59:59Z", "2013-11-01T04:00:00Z", None)
    assert (rule.start, rule.end) == ("2013-10-01", "2013-11-01")
    typed = coerce(frame, spec).frame
    assert list(rule.holdout_mask(typed, spec)) == [False, True, True, False, False]
    assert list(rule.unseen_mask(typed, spec)) == [False, True, True, True, False]


def test_a_holdout_without_rows_or_of_all_rows_is_an_error(make_spec):
    spec = timed(make_spec, holdout={"days": 7})
    rule = holdout_rule(spec, date(2013, 11, 1))
    old = coerce(times("2013-01-01", "2013-02-01"), spec).frame
    with pytest.raises(AsOfError, match="holdout has no rows .from 2013-10-25 to before 2013-11-01.*2 rows from 2013"):
        checked_holdout_mask(old, spec, rule)
    new = coerce(times("2013-10-30", "2013-10-31"), spec).frame
    with pytest.raises(AsOfError, match="none is left to train on"):
        checked_holdout_mask(new, spec, rule)
    both = pd.concat([old, new], ignore_index=True)
    assert checked_holdout_mask(both, spec, rule).sum() == 2


def test_a_holdout_of_a_table_too_small_for_its_share(make_spec):
    spec = make_spec(data={"holdout": {"share": 0.001}})
    with pytest.raises(AsOfError, match="share of 0.001.*5 rows"):
        checked_holdout_mask(coerce(rows(5), spec).frame, spec, holdout_rule(spec, None))


def test_as_of(make_spec):
    assert resolve_as_of(make_spec()) is None
    assert resolve_as_of(timed(make_spec), today=lambda zone: date(2020, 2, 2)) == date(2020, 2, 2)
    assert resolve_as_of(timed(make_spec, as_of="2013-11-01")) == date(2013, 11, 1)
    assert resolve_as_of(timed(make_spec, as_of="2013-11-01"), "2014-01-01") == date(2014, 1, 1)
    with pytest.raises(SpecError, match="no date.*soon"):
        resolve_as_of(timed(make_spec), "soon")
    with pytest.raises(SpecError, match="no data.time_column"):
        resolve_as_of(make_spec(), "2014-01-01")
    with pytest.raises(SpecError, match="needs a day"):
        holdout_rule(timed(make_spec), None)


def test_duplicates_are_found_by_value_with_missing_equal_to_missing():
    frame = pd.DataFrame({"a": [1.0, np.nan, 1.0, np.nan, 0.0, -0.0], "b": ["x", None, "x", None, "y", "y"]})
    assert list(duplicate_mask(frame)) == [False, False, True, True, False, True]
    assert list(duplicate_mask(frame.iloc[:0])) == []
