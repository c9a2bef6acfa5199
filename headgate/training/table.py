"""A snapshot as arrays: what a model trains on, and the holdout that judges it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.data import checked_holdout_mask, holdout_rule, read_snapshot, to_columns


@dataclass(frozen=True)
class Split:
    """Rows of a snapshot on their two sides.

    train, holdout : typed frames.
    train_y, holdout_y : int64 arrays of class indices, in the order of target.classes.
    """

    train: pd.DataFrame
    holdout: pd.DataFrame
    train_y: np.ndarray
    holdout_y: np.ndarray


def load_split(spec, request, snapshot):
    """Read a snapshot and split it by the holdout rule of its spec.

    Raises AsOfError when either side is empty.
    """
    frame = read_snapshot(snapshot)
    mask = checked_holdout_mask(frame, spec, holdout_rule(spec, request.as_of))
    train, holdout = frame[~mask], frame[mask]
    return Split(train, holdout, class_index(spec, train), class_index(spec, holdout))


def class_index(spec, frame):
    """Return the index into target.classes of each row, int64 of shape (n,)."""
    return pd.Index(spec.target.classes).get_indexer(frame[spec.target.column].astype(str)).astype(np.int64)


def columns_of(spec, frame):
    """Return the model's raw columns as arrays: name to shape (n,)."""
    return to_columns(frame, spec)
