"""Which labelled rows of the prediction log a training would learn from; evidence and training ask here alike."""

from datetime import timedelta

import numpy as np

from headgate.current.span import Span
from headgate.data import coerce
from headgate.data.cleaning import broken_rules, outside_mask
from headgate.data.labelled import row_hashes, row_names
from headgate.data.texts import factorize_text, text_series
from headgate.data.typed import class_column


def training_span(spec, as_of):
    """Return the Span of the rows that a training on that day may see."""
    days = spec.data.window_days
    return Span(as_of - timedelta(days=days) if days and as_of else None, as_of)


def typed_rows(spec, block):
    """Return the rows of a Logged block with their labels, typed; keys as text.

    When a row was answered stands for its time where it was sent without one, unless the time is a part of the key.
    """
    time, stated = spec.data.time_column, block.frame.assign(**{class_column(spec): block.labels})
    if time is not None and time not in spec.data.key:
        stated[time] = block.times
    typed = coerce(stated, spec).frame
    plain = [name for name in spec.data.key if name != time and name in stated and name not in spec.column_names]
    return typed.assign(**{name: _as_text(stated[name]) for name in plain})


def fitting_mask(spec, rows):
    """Return (mask (n,) of typed rows that fit, {why: rows that do not}).

    A row does not fit that cannot be told from those of the source, because it has no key, and one that does not keep
    to the spec.
    """
    fits, left_out = np.ones(len(rows), dtype=bool), {}
    for why, broken in _rules(spec, rows):
        fresh = broken & fits
        if fresh.any():
            left_out[why] = int(fresh.sum())
            fits &= ~fresh
    return fits, left_out


def first_of_each(spec, rows):
    """Return a mask (n,) of rows that are no other prediction of a row above."""
    _, places = np.unique(row_hashes(spec, rows), return_index=True)
    first = np.zeros(len(rows), dtype=bool)
    first[places] = True
    return first


def has_key(spec, rows):
    """Return a mask (n,) of the rows by whose key it can be told which row it is."""
    return rows[list(row_names(spec))].notna().all(axis=1).to_numpy() if spec.data.key else np.ones(len(rows), bool)


def _rules(spec, rows):
    yield f"without {', '.join(spec.data.key)}, by which a row is known", ~has_key(spec, rows)
    yield from broken_rules(rows, spec)
    for column in spec.columns:
        yield f"{column.name} outside what model.yaml allows", outside_mask(rows[column.name], column)


def _as_text(series):
    codes, texts = factorize_text(series)
    return text_series(codes, texts, series.index)
