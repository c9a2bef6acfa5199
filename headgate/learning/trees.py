"""Thresholds of boosted trees, rounded so that 32-bit arithmetic decides exactly as 64-bit."""

import numpy as np


def round_thresholds(estimator):
    """Round each split of a fitted HistGradientBoostingClassifier down to a float32; returns the estimator.

    For any float32 x, `x <= t` is the same as `x <= t'` where t' is the largest float32 that is at most t: no
    prediction on float32 inputs changes, and a graph that stores t' in 32 bits decides alike.
    """
    for iteration in estimator._predictors:
        for tree in iteration:
            tree.nodes["num_threshold"] = floor_float32(tree.nodes["num_threshold"])
    return estimator


def without_empty(matrix, *, subsampled):
    """Put 0 for columns that have no value, which scikit-learn 1.9 cannot bin; no tree splits on a constant.

    subsampled : the library looks at a part of the rows, so a column with a handful of values counts as empty too.
    """
    needed = 20 * int(np.ceil(len(matrix) / 100_000)) if subsampled else 1
    empty = np.count_nonzero(~np.isnan(matrix), axis=0) < needed
    return np.where(empty, np.float32(0), matrix) if empty.any() else matrix


def floor_float32(values):
    """Return the largest float32 that is at most each of `values` (n,) float64."""
    with np.errstate(over="ignore"):
        rounded = values.astype(np.float32)
    return np.where(rounded > values, np.nextafter(rounded, np.float32(-np.inf)), rounded)
