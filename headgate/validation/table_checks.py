"""Checks of the table as a whole: duplicates, enough rows, the classes of the target, freshness."""

from datetime import timedelta
from functools import partial

import numpy as np
import pandas as pd

from headgate.validation.expectations import Ask
from headgate.validation.question import Answer, Question, at_most, percent, plain, share_of_rows
from headgate.validation.table import DUPLICATE


def uniqueness(table):
    """No key names two rows; without a key, no row is there twice."""
    yield Question("uniqueness", None, Ask("in_set", DUPLICATE, {"value_set": [False]}),
                   partial(_judge_uniqueness, table))


def _judge_uniqueness(table, measured):
    limit, key = table.spec.data.max_removed_share, [name for name in table.spec.data.key if table.has(name)]
    what = f"the key ({', '.join(key)}) of an earlier row" if key else "an earlier row in every column"
    sentence = f"No row repeats {what}."
    if measured.count:
        share = percent(measured.count / table.rows)
        other = ", or state a key that names one row" if key else ""
        sentence = (f"{measured.count:,} of {table.rows:,} rows repeat {what} ({share}); {at_most(limit)}. "
                    f"Look for a table that was appended or joined twice{other}.")
    return share_of_rows(table, measured.count, limit, sentence, lambda: table.repeated)


def minimum_rows(table):
    """There are enough rows to learn from."""
    fewest = table.spec.data.min_rows
    yield Question("minimum_rows", None, Ask("row_count", arguments={"min_value": fewest}),
                   partial(_judge_minimum_rows, fewest))


def _judge_minimum_rows(fewest, measured):
    rows = int(measured.value)
    remedy = "" if rows >= fewest else " Bring more rows, or lower data.min_rows."
    return Answer(rows, fewest, rows >= fewest, f"The table has {rows:,} rows; at least {fewest:,} are needed.{remedy}",
                  "rows")


def class_rows(table):
    """Every class of the target has enough rows."""
    fewest, target = table.spec.data.min_class_rows, table.spec.target
    if not table.has(table.target_source):
        return
    for name in target.classes:
        yield Question("class_rows", table.target_source,
                       Ask("row_count", target.column, {"min_value": fewest}, equal=name),
                       partial(_judge_class_rows, target, name, fewest))


def _judge_class_rows(target, name, fewest, measured):
    rows = int(measured.value)
    label = f" ({target.labels[name]})" if name in target.labels else ""
    remedy = "" if rows >= fewest else " Bring more rows of it, or take the class out of target.classes."
    return Answer(rows, fewest, rows >= fewest,
                  f"Class {name!r}{label} has {rows:,} rows; at least {fewest:,} are needed.{remedy}", "rows")


def known_classes(table):
    """Every value of the target is one of its classes."""
    target = table.spec.target
    if table.has(table.target_source):
        yield Question("known_classes", table.target_source,
                       Ask("in_set", target.column, {"value_set": target.classes}),
                       partial(_judge_known_classes, table))


def _judge_known_classes(table, measured):
    target, source = table.spec.target, table.target_source
    sentence = f"Every value of {source!r} is one of the classes."
    if measured.count:
        strange = table.typed[target.column][_no_class(table)].unique()[:5]
        names = ", ".join(repr(plain(value)) for value in strange)
        sentence = (f"{measured.count:,} of {table.rows:,} values of the target {source!r} are no class of "
                    f"{target.classes}: {names}; none is allowed. Correct them, or list them in target.classes.")
    return share_of_rows(table, measured.count, 0.0, sentence, partial(_no_class, table))


def _no_class(table):
    values = table.typed[table.spec.target.column]
    return (~values.isin(table.spec.target.classes) & values.notna()).to_numpy()


def varying_target(table):
    """The target has more than one value."""
    if table.has(table.target_source):
        yield Question("varying_target", table.target_source,
                       Ask("distinct", table.spec.target.column, {"min_value": 2}),
                       partial(_judge_varying_target, table.target_source))


def _judge_varying_target(source, measured):
    distinct = int(measured.value or 0)
    sentence = f"The target {source!r} has {distinct:,} different values; at least 2 are needed."
    if distinct == 1:
        sentence = (f"Every row has the same value in the target {source!r}, so there is nothing to learn. Look for a "
                    f"filter that keeps one class only.")
    return Answer(distinct, 2, distinct >= 2, sentence, "classes")


def freshness(table):
    """The newest row is not too old on the as_of day."""
    name, oldest = table.spec.data.time_column, table.spec.data.max_age_days
    if oldest is None or table.as_of is None or name is None or not table.has(name):
        return
    earliest = pd.Timestamp(table.as_of - timedelta(days=oldest + 1))
    yield Question("freshness", name, Ask("newest", name, {"min_value": earliest}),
                   partial(_judge_freshness, table, name, oldest))


def _judge_freshness(table, name, oldest, measured):
    newest = measured.value
    if newest is None or newest is pd.NaT or isinstance(newest, float) and np.isnan(newest):
        return Answer(None, oldest, False, f"Column {name!r} has no time at all, so nobody can say how old the table "
                      f"is. Fill it.", "days")
    newest = pd.Timestamp(newest)
    age = (table.as_of - timedelta(days=1) - newest.date()).days
    sentence = (f"The newest row is of {newest:%Y-%m-%d}: {age:,} days before the last day that can be seen as of "
                f"{table.as_of}; at most {oldest:,} are allowed.")
    remedy = "" if age <= oldest else " Bring newer rows, set as_of back, or raise data.max_age_days."
    return Answer(age, oldest, age <= oldest, sentence + remedy, "days")
