"""Folds of the training rows, and accuracy on each."""

import numpy as np

from headgate.errors import TooFewRows
from headgate.graph.decision import classes
from headgate.learning.pipeline import fit_matrix
from headgate.learning.table import to_matrix


def folds(spec, frame, n):
    """Return `n` pairs (training positions, test positions) over the rows of the typed `frame`.

    With a time column: expanding windows, each test row strictly later than every row it is judged by. Without:
    stratified by class and shuffled by spec.seed. Raises TooFewRows if `n` folds cannot be had.
    """
    if spec.data.time_column is not None:
        return _by_time(frame[spec.data.time_column].to_numpy(), n)
    return _stratified(frame[spec.target.column].to_numpy(), n, spec.seed)


def _by_time(times, n):
    order = np.argsort(times, kind="stable")
    ordered = times[order]
    cuts = [np.searchsorted(ordered, ordered[len(ordered) * part // (n + 1)]) for part in range(1, n + 1)] \
        if len(ordered) else []
    cuts = [*cuts, len(ordered)]
    if len(set(cuts)) <= n or cuts[0] == 0:
        raise TooFewRows(f"Cross-validation by time cannot make {n} folds.", value=f"{len(ordered)} rows with "
                         f"{len(np.unique(times))} different times", remedy="Ask for fewer folds in the gate.")
    return tuple((order[:cuts[part]], order[cuts[part]:cuts[part + 1]]) for part in range(n))


def _stratified(labels, n, seed):
    if len(labels) < 2 * n:
        raise TooFewRows(f"Cross-validation cannot make {n} folds.", value=f"{len(labels)} rows",
                         limit=f"at least {2 * n}", remedy="Ask for fewer folds in the gate.")
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    grouped = shuffled[np.argsort(labels[shuffled].astype(str), kind="stable")]
    fold = np.empty(len(labels), dtype=int)
    fold[grouped] = np.arange(len(labels)) % n
    return tuple((np.flatnonzero(fold != part), np.flatnonzero(fold == part)) for part in range(n))


def cross_validate(spec, features, algorithm, parameters, columns, y, folds):
    """Return the accuracy of each fold, with spec.target.threshold; see `fit_pipeline` for the arguments."""
    matrix, layout = to_matrix(spec, features, columns)
    return score_matrix(spec, features, algorithm, parameters, matrix, layout, np.asarray(y), folds)


def score_matrix(spec, features, algorithm, parameters, matrix, layout, y, folds):
    """Return the accuracy of each fold on a matrix that `to_matrix` made."""
    return tuple(_score_fold(spec, features, algorithm, parameters, matrix, layout, y, fold) for fold in folds)


def _score_fold(spec, features, algorithm, parameters, matrix, layout, y, fold):
    train, test = fold
    pipeline = fit_matrix(spec, features, algorithm, parameters, matrix[train], layout, y[train], spec.seed)
    predicted = classes(pipeline.of_matrix(matrix[test]), spec.target.threshold)
    return float(np.mean(predicted == y[test]))
