"""Rows of the prediction log that got their true label, as a snapshot that a training can add to its table."""

from dataclasses import dataclass, field

import pandas as pd

from headgate.current.logged import logged_blocks
from headgate.data import Snapshot, write_snapshot
from headgate.data.clock import resolve_as_of
from headgate.retraining.learnable import first_of_each, fitting_mask, training_span, typed_rows

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
    blocks = logged_blocks(workspace, spec, span=training_span(spec, as_of), labelled=True)
    frames = [typed_rows(spec, block)[::-1] for block in blocks]    # the newest first
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


def _fitting(spec, rows):
    """Return (rows that fit, each once, {why: rows that are left out})."""
    fits, left_out = fitting_mask(spec, rows)
    fitting = rows[fits]
    first = first_of_each(spec, fitting)
    if not first.all():
        again = f"same {', '.join(spec.data.key)} as a row above" if spec.data.key else "duplicate of a row above"
        left_out[again] = int((~first).sum())
    return fitting[first].reset_index(drop=True), left_out
