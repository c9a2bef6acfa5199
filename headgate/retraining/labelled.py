"""Rows of the prediction log that got their true label, as a snapshot that a training can add to its table."""

from dataclasses import dataclass, field
from datetime import timedelta

import pandas as pd

from headgate.current.logged import logged_blocks
from headgate.current.span import Span
from headgate.data import Snapshot, clean, coerce, write_snapshot
from headgate.data.clock import resolve_as_of
from headgate.data.cleaning import outside_mask
from headgate.data.labelled import row_names
from headgate.data.texts import factorize_text, text_series
from headgate.data.typed import class_column

FOLDER = "labelled"


@dataclass(frozen=True)
class Labelled:
    """snapshot : of the rows that can train, None without any. left_out : why -> labelled rows that cannot."""

    snapshot: Snapshot | None = None
    left_out: dict = field(default_factory=dict)


def export_labelled(workspace, spec, *, as_of=None):
    """Write the labelled rows of the log that are visible on the day `as_of`; return a Labelled.

    Of several predictions of one key the newest counts. A row is left out that cannot be told from those of the source,
    because it has no key, and one that does not keep to model.yaml as it is today. A model with private columns gets
    none: the log does not hold them.
    """
    private = [column.name for column in spec.columns if column.private]
    frames = [_typed(spec, block) for block in logged_blocks(workspace, spec, span=_span(spec, as_of), labelled=True)]
    if not frames:
        return Labelled()
    rows = pd.concat(frames[::-1], ignore_index=True)
    if private:
        return Labelled(None, {f"the log does not hold the private {', '.join(private)}": len(rows)})
    fitting, left_out = _fitting(spec, rows)
    if not len(fitting):
        return Labelled(None, left_out)
    return Labelled(write_snapshot(fitting, workspace.home / FOLDER), left_out)


def labelled_path(workspace, spec, labelled, *, as_of=None):
    """Return the path of the snapshot that `labelled` means, or None: "log" writes one, anything else is a path."""
    if labelled != "log":
        return labelled or None
    found = export_labelled(workspace, spec, as_of=resolve_as_of(spec, as_of))
    return found.snapshot and str(found.snapshot.path)


def _span(spec, as_of):
    """The rows that a training on that day may see."""
    days = spec.data.window_days
    return Span(as_of - timedelta(days=days) if days and as_of else None, as_of)


def _typed(spec, block):
    """Return the typed rows of a block with their labels, newest first; keys as text.

    When a row was answered stands for its time where it was sent without one, unless the time is a part of the key.
    """
    time, stated = spec.data.time_column, block.frame.assign(**{class_column(spec): block.labels})
    if time is not None and time not in spec.data.key:
        stated[time] = block.times
    typed = coerce(stated, spec).frame
    plain = [name for name in spec.data.key if name != time and name not in spec.column_names]
    return typed.assign(**{name: _as_text(stated[name]) for name in plain})[::-1]


def _as_text(series):
    codes, texts = factorize_text(series)
    return text_series(codes, texts, series.index)


def _fitting(spec, rows):
    """Return (rows that fit, {why: rows that do not})."""
    left_out, bad = {}, rows[list(row_names(spec))].isna().any(axis=1).to_numpy() if spec.data.key else None
    if bad is not None and bad.any():
        left_out[f"without {', '.join(spec.data.key)}, by which a row is known"], rows = int(bad.sum()), rows[~bad]
    cleaned = clean(rows.reset_index(drop=True), spec, check_limit=False)
    left_out |= cleaned.reasons
    frame = cleaned.frame
    for column in spec.columns:
        outside = outside_mask(frame[column.name], column)
        if outside.any():
            left_out[f"{column.name} outside what model.yaml allows"] = int(outside.sum())
            frame = frame[~outside]
    return frame.reset_index(drop=True), left_out
