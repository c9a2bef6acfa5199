"""Drop the rows that cannot train: no answer, a null where none may be, outliers by the spec, duplicates."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from headgate.data.hashing import duplicate_mask
from headgate.errors import DataRejected


@dataclass(frozen=True)
class Cleaned:
    """What is left of a typed frame, and what was taken out.

    frame : the rows that stay, index 0..n-1.
    removed : the rows taken out with their old index and the column `reason_column`.
    reasons : reason -> rows.
    """

    frame: pd.DataFrame
    removed: pd.DataFrame
    reasons: dict = field(default_factory=dict)
    reason_column: str = "reason"


def clean(typed_frame, spec, *, check_limit=True):
    """Return the Cleaned rows of a frame typed by `coerce`.

    A row is removed for the first that holds: no time; no target, or one that is no class; a null in a column that
    is not nullable; a value out of range or of the categories in a column with `outside: drop`; the same key (or, for
    a model without a key, the same row) as one above it.
    Raises DataRejected when more than data.max_removed_share of the rows would go, unless `check_limit` is false.
    """
    codes, reasons = _reasons(typed_frame, spec)
    gone = codes >= 0
    counts = {reason: int(rows) for reason, rows in zip(reasons, np.bincount(codes[gone], minlength=len(reasons)))
              if rows}
    if check_limit and gone.sum() > spec.data.max_removed_share * len(gone):
        raise DataRejected(f"Cleaning would remove {int(gone.sum())} of {len(gone)} rows: "
                           + "; ".join(f"{rows} {reason}" for reason, rows in counts.items()) + ".",
                           value=f"{gone.mean():.1%}",
                           limit=f"data.max_removed_share {spec.data.max_removed_share:.1%}",
                           remedy="Mend the table; or state a column nullable or a keep rule in model.yaml.")
    kept = typed_frame[~gone] if gone.any() else typed_frame
    name = _reason_column(typed_frame)
    removed = typed_frame[gone].assign(**{name: np.array([*reasons, ""], dtype=object)[codes[gone]]})
    return Cleaned(kept.reset_index(drop=True), removed, counts, name)


def _reasons(frame, spec):
    """Return (codes (n,) with -1 for a row that stays, texts)."""
    codes, texts = np.full(len(frame), -1), []
    for text, mask in broken_rules(frame, spec):
        fresh = mask & (codes < 0)
        if fresh.any():
            codes[fresh] = len(texts)
            texts.append(text)
    staying = np.flatnonzero(codes < 0)
    again = duplicate_mask(frame.iloc[staying] if len(staying) < len(frame) else frame, spec.data.key)
    if again.any():
        codes[staying[again]] = len(texts)
        texts.append(f"same {', '.join(spec.data.key)} as a row above" if spec.data.key else "duplicate of a row above")
    return codes, texts


def broken_rules(frame, spec):
    """Yield (why, mask (n,) of the rows of a typed frame that cannot train for it); duplicates are another matter."""
    time, target = spec.data.time_column, spec.target
    if time is not None:
        yield f"no time in {time}", frame[time].isna().to_numpy()
    answers = frame[target.column]
    yield f"no target {target.column}", answers.isna().to_numpy()
    yield f"target {target.column} is none of its classes", ~answers.isin(target.classes).to_numpy()
    for column in spec.columns:
        values = frame[column.name]
        if not column.nullable:
            yield f"null in {column.name}", values.isna().to_numpy()
        if column.outside == "drop":
            yield f"{column.name} outside what model.yaml allows", outside_mask(values, column)


def outside_mask(values, column):
    """Return a mask (n,) of typed values out of the column's range or categories; a null is not outside."""
    if column.range is not None:
        low, high = column.range
        return ((values < low) | (values > high)).to_numpy()
    if column.categories is not None and column.unknown == "reject":
        return (~values.isin(column.categories) & values.notna()).to_numpy()
    return np.zeros(len(values), dtype=bool)


def _reason_column(frame):
    name = "reason"
    while name in frame:
        name += "_"
    return name
