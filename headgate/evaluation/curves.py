"""Points of the ROC, precision-recall and calibration curves, thinned for plots and records."""

import numpy as np

MOST_POINTS = 200


def all_curves(y, probabilities, classes, *, bins=10):
    """Return {"roc": [...], "precision_recall": [...], "calibration": [...]}, one curve per judged class.

    y : (n,) int; probabilities : (n, k), finite. Binary: the positive (last) class alone; else every class
    against the rest. Each curve is {"class", "x", "y", "area"} (calibration: "rows" per point, no area).
    A class without both kinds of rows has no ROC and no precision-recall curve; no rows, no curve at all.
    """
    curves = {"roc": [], "precision_recall": [], "calibration": []}
    judged = [len(classes) - 1] if len(classes) == 2 else range(len(classes))
    for index in judged if len(y) else ():
        truth, score = y == index, probabilities[:, index]
        for name, curve in _curves_of(truth, score, bins):
            curves[name].append({"class": classes[index], **curve})
    return curves


def _curves_of(truth, score, bins):
    hits, alarms = cumulative_counts(truth, score)
    if 0 < truth.sum() < len(truth):
        yield "roc", roc(hits, alarms)
    if truth.any():
        yield "precision_recall", precision_recall(hits, alarms)
    yield "calibration", calibration(truth, score, bins=bins)


def cumulative_counts(truth, score):
    """Count true and false alarms at every distinct score, from the highest down.

    truth : (n,) bool; score : (n,). Returns two int arrays (m,), m <= n distinct scores.
    """
    order = np.argsort(-score, kind="stable")
    ends = np.r_[np.flatnonzero(np.diff(score[order])), len(score) - 1]
    hits = np.cumsum(truth[order])[ends]
    return hits, 1 + ends - hits


def roc(hits, alarms):
    """Build the ROC curve: x false positive rate, y true positive rate, area by trapezoids."""
    x, y = np.r_[0.0, alarms / alarms[-1]], np.r_[0.0, hits / hits[-1]]
    return {**_points(x, y), "area": float(np.trapezoid(y, x))}


def precision_recall(hits, alarms):
    """Build the precision-recall curve: x recall, y precision, area = average precision (step sum)."""
    precision, recall = hits / (hits + alarms), hits / hits[-1]
    area = float(np.sum(np.diff(np.r_[0.0, recall]) * precision))
    return {**_points(np.r_[0.0, recall], np.r_[precision[0], precision]), "area": area}


def calibration(truth, score, *, bins):
    """Build the reliability diagram over equal-width bins: x mean score, y observed share, rows per bin."""
    place = np.minimum((score * bins).astype(int), bins - 1)
    rows = np.bincount(place, minlength=bins)
    filled = rows > 0
    mean = np.bincount(place, weights=score, minlength=bins)[filled] / rows[filled]
    share = np.bincount(place, weights=truth.astype(float), minlength=bins)[filled] / rows[filled]
    return {"x": _short(mean), "y": _short(share), "rows": rows[filled].tolist()}


def _points(x, y):
    kept = thin(x, y)
    return {"x": _short(x[kept]), "y": _short(y[kept])}


def thin(x, y, *, at_most=MOST_POINTS):
    """Return indices (<= at_most,) of points spread evenly along the curve; both ends stay."""
    if len(x) <= at_most:
        return np.arange(len(x))
    length = np.r_[0.0, np.cumsum(np.abs(np.diff(x)) + np.abs(np.diff(y)))]
    if length[-1] == 0:
        return np.array([0, len(x) - 1])
    places = np.searchsorted(length, np.linspace(0, length[-1], at_most))
    places[0], places[-1] = 0, len(x) - 1
    return np.unique(places)


def _short(values):
    return np.round(values, 6).tolist()
