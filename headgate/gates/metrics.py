"""Scores of a classifier on its holdout, each with a 95 % interval.

Of two classes the last is the positive one; with more, F1, recall, precision and ROC AUC are the plain
mean over the classes, each against the rest. A score that is not defined is NaN.
"""

import math

import numpy as np

from headgate.gates.intervals import wilson

NAMES = {"accuracy": "Accuracy", "balanced_accuracy": "Balanced accuracy", "f1": "F1", "roc_auc": "ROC AUC",
         "recall": "Recall", "precision": "Precision", "log_loss": "Log loss"}
RESAMPLES = 2000


def score(metric, y, probabilities, predicted):
    """Return one score as a float.

    y, predicted : class indices of shape (n,); probabilities : shape (n, k), which ROC AUC and log loss need.
    NaN for no rows, for a NaN probability and where the score is not defined (recall without a positive row).
    """
    return _rows_and_score(metric, y, probabilities, predicted)[0]


def interval(metric, y, probabilities, predicted, *, seed=0):
    """Return (low, high), the 95 % interval of that score.

    Accuracy: Wilson. ROC AUC and log loss: normal, from the influence of each row (ROC AUC: DeLong, DeLong and
    Clarke-Pearson 1988). Others: 2,000 seeded bootstrap draws of the confusion matrix, which costs the same for any n.
    """
    value, influence = _rows_and_score(metric, y, probabilities, predicted)
    if math.isnan(value):
        return math.nan, math.nan
    if metric == "accuracy":
        return wilson(int(np.count_nonzero(np.equal(y, predicted))), len(y))
    if influence is None:
        return _bootstrap(metric, confusion(y, predicted, _classes(y, probabilities, predicted)), seed)
    half = 1.96 * float(np.sqrt(np.mean(influence ** 2) / len(y)))
    return max(value - half, 0.0), (min(value + half, 1.0) if metric == "roc_auc" else value + half)


def confusion(y, predicted, classes):
    """Return counts of shape (k, k): true class down, predicted class across."""
    cells = np.asarray(y, dtype=int) * classes + np.asarray(predicted, dtype=int)
    return np.bincount(cells, minlength=classes * classes).reshape(classes, classes)


def _rows_and_score(metric, y, probabilities, predicted):
    """Return the score, and the influence of each row on it where that gives the interval."""
    y, predicted = np.asarray(y, dtype=int), np.asarray(predicted, dtype=int)
    if metric not in NAMES:
        raise ValueError(f"no such metric: {metric!r}")
    known = probabilities is None or np.isfinite(probabilities).all()
    if not len(y) or not known or (predicted < 0).any():
        return math.nan, None
    if metric in ("roc_auc", "log_loss"):
        measure = _roc_auc if metric == "roc_auc" else _log_loss
        return measure(y, np.asarray(probabilities, dtype=float))
    return float(_of_confusion(metric, confusion(y, predicted, _classes(y, probabilities, predicted)))), None


def _classes(y, probabilities, predicted):
    if probabilities is not None:
        return np.shape(probabilities)[1]
    return max(int(np.max(y)), int(np.max(predicted)), 1) + 1


def _of_confusion(metric, counts):
    """Return the score of confusion matrices of shape (..., k, k)."""
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(float)
    true, told = counts.sum(axis=-1), counts.sum(axis=-2)
    if metric == "accuracy":
        return right.sum(axis=-1) / counts.sum(axis=(-2, -1))
    if metric == "balanced_accuracy":
        balanced = _mean_of_known(_ratio(right, true))
        return np.where((true > 0).sum(axis=-1) > 1, balanced, np.nan)
    parts = {"recall": (right, true), "precision": (right, told), "f1": (2 * right, true + told)}[metric]
    each = _ratio(*parts)
    return each[..., 1] if counts.shape[-1] == 2 else _mean_of_known(each)


def _ratio(part, whole):
    return np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)


def _mean_of_known(each):
    known = ~np.isnan(each)
    return _ratio(np.where(known, each, 0.0).sum(axis=-1), known.sum(axis=-1))


def _bootstrap(metric, counts, seed):
    rows = int(counts.sum())
    draws = np.random.default_rng(seed).multinomial(rows, counts.ravel() / rows, size=RESAMPLES)
    values = _of_confusion(metric, draws.reshape(RESAMPLES, *counts.shape))
    low, high = np.nanquantile(values, [0.025, 0.975])
    return float(low), float(high)


def _log_loss(y, probabilities):
    told = np.clip(probabilities[np.arange(len(y)), y], 1e-15, 1.0)
    losses = -np.log(told)
    return float(losses.mean()), losses - losses.mean()


def _roc_auc(y, probabilities):
    classes = [1] if probabilities.shape[1] == 2 else range(probabilities.shape[1])
    parts = [_roc_auc_of(y == index, probabilities[:, index]) for index in classes]
    if any(area is None for area, _ in parts):
        return math.nan, None
    return float(np.mean([area for area, _ in parts])), np.mean([influence for _, influence in parts], axis=0)


def _roc_auc_of(positive, scores):
    above, below = np.sort(scores[positive]), np.sort(scores[~positive])
    if not len(above) or not len(below):
        return None, None
    placed = np.where(positive, _share_under(below, scores), 1 - _share_under(above, scores))
    area = placed[positive].mean()
    return area, (placed - area) / np.where(positive, positive.mean(), 1 - positive.mean())


def _share_under(ordered, scores):
    """Return for each score the share of `ordered` under it, ties counted half."""
    return (np.searchsorted(ordered, scores, "left") + np.searchsorted(ordered, scores, "right")) / (2 * len(ordered))
