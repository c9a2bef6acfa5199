"""Fit one algorithm: raw columns -> features -> float32 matrix -> encoding -> estimator -> probabilities."""

from dataclasses import dataclass

import numpy as np

from headgate.errors import HeadgateError
from headgate.learning.algorithms import check_parameters, recipe_of, refused
from headgate.learning.encoding import Encoding, fit_encoding
from headgate.learning.parameters import settled
from headgate.learning.table import to_matrix
from headgate.learning.trees import round_thresholds, without_empty


@dataclass(frozen=True)
class FittedPipeline:
    """A fitted model of one algorithm; pickles.

    present : (m,) int, the classes that training rows had, as positions in spec.target.classes.
    estimator : fitted scikit-learn or xgboost classifier over `present`, None if that is a single class.
    """

    spec: object
    features: object
    algorithm: str
    parameters: dict
    seed: int
    encoding: Encoding
    present: np.ndarray
    estimator: object

    @property
    def feature_names(self):
        """Names of what the estimator sees, in order."""
        return self.encoding.names

    def probabilities(self, columns):
        """Return (n, k) float64 in the order of spec.target.classes, for raw `columns` (dict of arrays (n,))."""
        matrix, _ = to_matrix(self.spec, self.features, columns)
        return self.of_matrix(matrix)

    def of_matrix(self, matrix):
        """Return (n, k) float64 for the matrix (n, d) float32 of `to_matrix`."""
        result = np.zeros((len(matrix), len(self.spec.target.classes)))
        if not len(matrix):
            return result
        result[:, self.present] = 1.0 if self.estimator is None else \
            self.estimator.predict_proba(self.encoding.encode(matrix))
        return result


def fit_pipeline(spec, features, algorithm, parameters, columns, y, seed):
    """Fit `algorithm` on raw `columns` (dict of arrays (n,)) and y (n,) int, positions in spec.target.classes.

    features : Features or None. parameters : fixed values, no ranges. Equal arguments give an equal pipeline.
    Raises SpecError for a parameter that the algorithm does not take, FeaturesError if features cannot be computed.
    """
    matrix, layout = to_matrix(spec, features, columns)
    return fit_matrix(spec, features, algorithm, parameters, matrix, layout, np.asarray(y), seed)


def fit_matrix(spec, features, algorithm, parameters, matrix, layout, y, seed):
    """Fit on a matrix (n, d) float32 that `to_matrix` made; see `fit_pipeline`."""
    chosen = settled(algorithm, parameters)
    check_parameters(algorithm, chosen)
    check_finite(matrix, layout)
    recipe = recipe_of(algorithm)
    encoding = fit_encoding(recipe.style, layout, matrix)
    present, local = np.unique(y, return_inverse=True)
    if not len(present):
        raise HeadgateError(f"{algorithm} has no rows to be fitted on.")
    estimator = None
    if len(present) > 1:
        weight = sample_weights(spec.target, y)
        estimator = _fit(recipe, algorithm, chosen, seed, (encoding.encode(matrix), local, weight))
    return FittedPipeline(spec, features, algorithm, parameters, seed, encoding, present, estimator)


def _fit(recipe, algorithm, parameters, seed, data):
    inputs, y, weight = data
    if algorithm == "neural_net" and "early_stopping" not in parameters:
        parameters = parameters | {"early_stopping": bool(len(y) >= 1000 and np.bincount(y).min() >= 20)}
    if algorithm == "hist_gradient_boosting":
        inputs = without_empty(inputs, subsampled=len(y) > 10_000 or bool(parameters.get("early_stopping")))
    try:
        estimator = recipe.make(parameters, seed).fit(inputs, y, sample_weight=weight)
    except (TypeError, ValueError) as error:
        raise refused(algorithm, parameters, error) from error
    return round_thresholds(estimator) if algorithm == "hist_gradient_boosting" else estimator


def check_finite(matrix, layout):
    """Raise HeadgateError naming a column that holds infinity (or a number beyond float32)."""
    endless = np.isinf(matrix).any(axis=0)
    if endless.any():
        names = [name for name, bad in zip(layout.names, endless) if bad]
        raise HeadgateError("Training rows hold infinities, or numbers beyond the largest 32-bit float.", value=names,
                            limit="3.4e38", remedy="Give the column a range, or correct it at the source.")


def sample_weights(target, y):
    """Return (n,) float64 weights from target.class_weight, or None.

    "balanced" gives each class that occurs the same total; a class that a mapping leaves out weighs 1.
    """
    if target.class_weight is None:
        return None
    if target.class_weight == "balanced":
        counts = np.bincount(y, minlength=len(target.classes))
        weights = len(y) / (np.count_nonzero(counts) * np.maximum(counts, 1))
    else:
        weights = np.array([float(target.class_weight.get(name, 1.0)) for name in target.classes])
    return weights[y]
