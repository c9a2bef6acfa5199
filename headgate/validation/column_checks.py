"""Checks of one column at a time: there, readable, filled, in range, of the listed categories."""

import difflib
from functools import partial

import numpy as np

from headgate.validation.expectations import Ask
from headgate.validation.question import Answer, Question, at_most, percent, plain, share_of_rows
from headgate.validation.table import expected_columns

EMPTY = "headgate: empty in "
MEANING = {"number": "finite numbers", "integer": "whole numbers", "boolean": "true or false (0 or 1)",
           "category": "text", "datetime": "dates or times"}


def schema(table):
    """Every listed column, the target, the time and the key are there, once."""
    for name in expected_columns(table.spec):
        yield Question("schema", name, Ask("exists", name), partial(_judge_schema, table, name))


def _judge_schema(table, name, measured):
    copies = table.copies[name]
    if not measured.success:
        sentence = (f"Column {name!r} is missing. {_hint(table, name)} Rename it in the table, or state the right name "
                    "in model.yaml.")
    elif copies > 1:
        sentence = f"The table has {copies} columns called {name!r}. Remove or rename all but one."
    else:
        sentence = f"Column {name!r} is there."
    return Answer(copies, 1, measured.success and copies == 1, sentence, "columns")


def _hint(table, name):
    """Say which column of the table may be meant, or a few that there are."""
    expected = expected_columns(table.spec)
    others = [str(other) for other in table.names if other not in expected]
    names = others + [str(other) for other in table.names if other in expected]
    near = _nearest(name, others)
    if near:
        return f"The nearest column of the table is {near!r}."
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return f"The table has {', '.join(map(repr, names[:5]))}{more}."


def _nearest(name, names):
    folded = {other.strip().casefold(): other for other in names}
    close = difflib.get_close_matches(name.strip().casefold(), folded, n=1, cutoff=0.5)
    return folded[close[0]] if close else None


def types(table):
    """Every cell that is not empty can be converted to the kind of its column."""
    kinds = {column.name: column.kind for column in table.columns}
    if table.spec.target.derive and table.has(table.target_source):
        kinds[table.target_source] = "number"
    if table.spec.data.time_column and table.has(table.spec.data.time_column):
        kinds.setdefault(table.spec.data.time_column, "datetime")
    for name, kind in kinds.items():
        yield Question("types", name, None, partial(_judge_types, table, name, kind))


def _judge_types(table, name, kind, _):
    count = int(table.unreadable(name).sum())
    sentence = f"Every cell of {name!r} can be read as {kind}."
    if count:
        first = plain(table.frame[name].iloc[int(np.argmax(table.unreadable(name)))])
        seen = "" if _is_private(table, name) else f", for example {first!r}"
        sentence = (f"{count:,} of {table.rows:,} cells of {name!r} are no {MEANING[kind]}{seen}; none is allowed. "
                    f"Correct the cells, leave them empty, or change the column's kind in model.yaml.")
    return share_of_rows(table, count, 0.0, sentence, partial(table.unreadable, name))


def _is_private(table, name):
    return any(column.name == name and column.private for column in table.spec.columns)


def nulls(table):
    """No column has more empty cells than it may, and none is all empty."""
    limits = {column.name: (column.max_null_share, "a nullable column") if column.nullable
              else (table.spec.data.max_removed_share, "a column that is not nullable") for column in table.columns}
    removed = table.spec.data.max_removed_share
    if table.has(table.target_source):
        limits[table.target_source] = removed, "the target"
    if table.spec.data.time_column and table.has(table.spec.data.time_column):
        limits.setdefault(table.spec.data.time_column, (removed, "the time column"))
    for name, (limit, role) in limits.items():
        yield Question("nulls", name, Ask("not_null", _filled(table, name)),
                       partial(_judge_nulls, table, name, limit, role))


def _filled(table, name):
    """Name of the column to look at: unreadable cells are no empty cells."""
    return EMPTY + name if table.unreadable(name).any() else table.typed_name(name)


def _judge_nulls(table, name, limit, role, measured):
    share = measured.count / table.rows if table.rows else 0.0
    answer = share_of_rows(table, measured.count, limit, "", partial(table.empty, name))
    text = f"{measured.count:,} of {table.rows:,} cells of {name!r} are empty ({percent(share)})"
    if table.rows and measured.count == table.rows:
        ok, text = False, (f"Every cell of {name!r} is empty. Fill the column, or take it off the list in model.yaml.")
    elif answer.ok:
        ok, text = True, f"{text}; {role} may have {percent(limit)}."
    else:
        way = "raise its max_null_share" if role == "a nullable column" else "raise data.max_removed_share"
        why = "" if role == "a nullable column" else " (cleaning drops such rows)"
        ok, text = False, f"{text}; {role} may have at most {percent(limit)}{why}. Fill the cells, or {way}."
    return Answer(share, limit, ok, text, count=measured.count, mask=answer.mask)


def ranges(table):
    """Numbers lie in the range of their column."""
    for column in table.columns:
        if column.range is None:
            continue
        low, high = column.range
        yield Question("ranges", column.name, Ask("between", column.name, {"min_value": low, "max_value": high}),
                       partial(_judge_ranges, table, column))


def _judge_ranges(table, column, measured):
    limit = table.spec.data.max_removed_share if column.outside == "drop" else 0.0
    where = f"from {column.range[0]:g} to {column.range[1]:g}" + (f" {column.unit}" if column.unit else "")
    sentence = f"Every value of {column.name!r} is {where}."
    if measured.count:
        sentence = (f"{measured.count:,} of {table.rows:,} values of {column.name!r} are not {where}"
                    f"{_extremes(table, column)}; {at_most(limit)}. "
                    f"Check the unit; correct the values, or change the column's range in model.yaml.")
    return share_of_rows(table, measured.count, limit, sentence, partial(_outside, table, column.name, *column.range))


def _extremes(table, column):
    if column.private:
        return ""
    values = table.typed[column.name]
    return f" (lowest {values.min():g}, highest {values.max():g})"


def _outside(table, name, low, high):
    values = table.typed[name].to_numpy()
    return (values < low) | (values > high)


def categories(table):
    """Text is one of the listed categories, or the column takes others as unknown."""
    for column in table.columns:
        if column.kind == "category":
            yield Question("categories", column.name, Ask("in_set", column.name, {"value_set": column.categories}),
                           partial(_judge_categories, table, column))


def _judge_categories(table, column, measured):
    word, limit, key = "not listed", 0.0, ""
    if column.unknown == "treat_as_unknown":
        word, limit, key = "scored as unknown", column.max_null_share, "max_null_share"
    elif column.outside == "drop":
        limit, key = table.spec.data.max_removed_share, "data.max_removed_share"
    mask = partial(_unlisted, table, column.name, column.categories)
    sentence = f"Every value of {column.name!r} is a listed category."
    if measured.count:
        seen = sorted(table.typed[column.name][mask()].unique())
        names = "" if column.private else ": " + ", ".join(repr(plain(name)) for name in seen[:5])
        more = f" and {len(seen) - 5:,} more" if len(seen) > 5 and not column.private else ""
        key, way = (f" ({key})", f", or raise {key}") if key else ("", "")
        sentence = (f"{measured.count:,} of {table.rows:,} values of {column.name!r} are {word}{names}{more}; "
                    f"{at_most(limit)}{key}. Correct the values, or list them in model.yaml{way}.")
    return share_of_rows(table, measured.count, limit, sentence, mask)


def _unlisted(table, name, listed):
    values = table.typed[name]
    return (~values.isin(listed) & values.notna()).to_numpy()
