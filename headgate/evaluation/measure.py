"""Evaluation: everything measured on the holdout, as one frozen value."""

import math
from dataclasses import asdict, dataclass, field

import numpy as np

from headgate.evaluation.curves import all_curves
from headgate.gates.calibration import expected_calibration_error
from headgate.gates.intervals import wilson
from headgate.gates.metrics import NAMES, confusion, interval, score


@dataclass(frozen=True)
class Evaluation:
    """What a model did on the holdout; nothing in it but what JSON can hold.

    rows : rows of the holdout.
    classes : class texts, in the order of the probabilities.
    threshold : probability from which a binary model says the positive (last) class; None for more classes.
    metrics : name -> value, None where it is not defined (no rows, one class, NaN); binary F1, recall and
        precision are those of the positive class, otherwise the unweighted mean over the classes.
    interval : 95 % Wilson interval of the accuracy, or None without rows.
    intervals : name -> [low, high] at 95 % of every metric that has one, as the gates compute it.
    confusion : (k, k) counts, true class by predicted class.
    slices : list of {column, value, rows, accuracy, interval, floor}; value "" is missing.
    importance : raw column -> accuracy lost when it is shuffled, largest first.
    curves : see `headgate.evaluation.curves.all_curves`.
    folds : accuracy of each cross-validation fold.
    """

    rows: int
    classes: tuple
    threshold: float | None
    metrics: dict
    interval: tuple | None
    confusion: list
    slices: list
    importance: dict
    curves: dict
    folds: tuple = ()
    intervals: dict = field(default_factory=dict, hash=False)

    def to_dict(self):
        """Return what goes into evaluation.json."""
        plain = asdict(self)
        return {**plain, "classes": list(self.classes), "folds": list(self.folds),
                "interval": None if self.interval is None else list(self.interval)}

    @classmethod
    def from_dict(cls, stored):
        """Read back what `to_dict` gave."""
        interval = stored["interval"]
        return cls(**{**stored, "classes": tuple(stored["classes"]), "folds": tuple(stored["folds"]),
                      "interval": None if interval is None else tuple(interval)})


def evaluate(y, probabilities, classes, *, threshold=None, slices=None, folds=(), importance=None):
    """Measure a model on its holdout.

    y : (n,) int, index of the true class. probabilities : (n, k). classes : k texts.
    threshold : for two classes (0.5 if None), unused otherwise.
    slices : dict column -> (labels (n,) of text, "" or NaN is missing; floor or None).
    folds : accuracies of the cross-validation. importance : dict column -> accuracy lost.
    Never raises for the data: what is not defined on it is None; one probability that is not finite makes every
    score None. Raises ValueError for shapes that disagree.
    """
    y, probabilities = np.asarray(y, dtype=int), np.asarray(probabilities, dtype=float)
    _check_shapes(y, probabilities, classes)
    threshold = (0.5 if threshold is None else float(threshold)) if len(classes) == 2 else None
    rows, classes = len(y), tuple(str(name) for name in classes)
    if not np.isfinite(probabilities).all():
        y, probabilities, slices = y[:0], probabilities[:0], None
    predicted = predict_classes(probabilities, threshold)
    return Evaluation(
        rows=rows, classes=classes, threshold=threshold,
        metrics=scores(y, probabilities, predicted),
        interval=_interval(predicted == y),
        intervals=_intervals(y, probabilities, predicted),
        confusion=confusion(y, predicted, len(classes)).tolist(),
        slices=_slices(slices or {}, predicted == y),
        importance=_ranked(importance or {}),
        curves=all_curves(y, probabilities, classes),
        folds=tuple(_finite(value) for value in folds))


def predict_classes(probabilities, threshold):
    """Turn (n, k) probabilities into (n,) int classes: the threshold decides two, the largest more."""
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(int)
    return probabilities.argmax(axis=1) if len(probabilities) else np.zeros(0, dtype=int)


def _check_shapes(y, probabilities, classes):
    if probabilities.shape != (len(y), len(classes)):
        raise ValueError(f"probabilities have the shape {probabilities.shape}, "
                         f"but there are {len(y)} rows and {len(classes)} classes")


def scores(y, probabilities, predicted):
    """Return metric -> value, None where it is not defined.

    y, predicted : (n,) int, true and predicted classes. probabilities : (n, k).
    """
    values = {name: _finite(score(name, y, probabilities, predicted)) for name in NAMES}
    return {**values, "expected_calibration_error": _finite(_calibration_error(y, probabilities, predicted))}


def _calibration_error(y, probabilities, predicted):
    """The error the calibration gate judges: of the last of two classes, of the predicted one of more."""
    if probabilities.shape[1] == 2:
        return expected_calibration_error(probabilities[:, 1], y == 1)
    return expected_calibration_error(probabilities.max(axis=1), predicted == y)


def _intervals(y, probabilities, predicted):
    ends = {name: interval(name, y, probabilities, predicted) for name in NAMES}
    return {name: [float(end) for end in pair] for name, pair in ends.items() if np.isfinite(pair).all()}


def _slices(slices, right):
    return [piece for column, (labels, floor) in slices.items()
            for piece in _slices_of(column, np.asarray(labels), floor, right)]


def _slices_of(column, labels, floor, right):
    texts = np.array(["" if label is None or label != label else str(label) for label in labels], dtype=str)
    values, place = np.unique(texts, return_inverse=True)
    rows, hits = np.bincount(place, minlength=len(values)), np.bincount(place, weights=right, minlength=len(values))
    for value, n, hit in zip(values.tolist(), rows.tolist(), hits.tolist(), strict=True):
        yield {"column": column, "value": value, "rows": n, "accuracy": hit / n,
               "interval": [float(end) for end in wilson(int(hit), n)],
               "floor": None if floor is None else float(floor)}


def _interval(right):
    if not len(right):
        return None
    return tuple(float(end) for end in wilson(int(right.sum()), len(right)))


def _ranked(importance):
    pairs = sorted(importance.items(), key=lambda pair: -(_finite(pair[1]) or 0.0))
    return {str(name): _finite(drop) for name, drop in pairs}


def _finite(value):
    return float(value) if value is not None and math.isfinite(value) else None
