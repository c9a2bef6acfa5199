"""Tell before any row is read which hyperparameters of a spec cannot be used."""

import warnings

import numpy as np

from headgate.errors import SpecError
from headgate.learning.algorithms import check_parameters, recipe_of, refused
from headgate.learning.parameters import ranges, settled

ROWS = 60
# What a fit of a moment takes; the other algorithms state what each of their parameters may be.
QUICK = {"xgboost": {"n_estimators": 1}, "logistic_regression": {"max_iter": 1}}
COUNTS = {"xgboost": ("n_estimators",), "neural_net": ("hidden_layer_sizes",)}


def check_algorithms(spec, path, names=None):
    """Raise SpecError for parameters that an algorithm does not have, or values that it would not take.

    path : of the model.yaml, for the message. names : the algorithms to look at; those of the spec by default. Of a
    range both ends are tried, of a list every choice. Tells the first problem of each algorithm.
    """
    problems = []
    for algorithm in names or spec.algorithms:
        parameters = spec.algorithms.get(algorithm)
        try:
            if parameters:
                _check(algorithm, parameters, len(spec.target.classes))
        except SpecError as error:
            problems.append(f"  {error}")
    if problems:
        raise SpecError("\n".join([f"{path} cannot be used:", *problems]))


def _check(algorithm, parameters, classes):
    check_parameters(algorithm, parameters)
    for one in _combinations(algorithm, parameters):
        _check_counts(algorithm, one)
        error = _trouble(algorithm, one, classes)
        told = error and refused(algorithm, one, error)
        if isinstance(told, SpecError):
            raise told from error
        if error:
            _blame_alone(algorithm, one, classes)


def _blame_alone(algorithm, parameters, classes):
    """Raise SpecError for the parameter that is refused by itself; if none is, it is about the rows made up here."""
    for name, value in parameters.items():
        error = _trouble(algorithm, {name: value}, classes)
        if error:
            raise SpecError(f"algorithms.{algorithm}.{name} cannot be used: {' '.join(str(error).split())[:300]}.",
                            value=repr(value)) from error


def _combinations(algorithm, parameters):
    """Yield fixed parameters in which every choice and both ends of every range occur."""
    space = {name: _tried(limits) for name, limits in ranges(algorithm, parameters).items()}
    first = parameters | {name: tried[0] for name, tried in space.items()}
    yield settled(algorithm, first)
    for name, tried in space.items():
        for value in tried[1:]:
            yield settled(algorithm, first | {name: value})


def _tried(limits):
    if isinstance(limits, list):
        return [[choice] if isinstance(choice, list) else choice for choice in limits]
    low, high, _ = limits
    whole = isinstance(low, int) and isinstance(high, int)
    return [low, high] if whole else [float(low), float(high)]


def _check_counts(algorithm, parameters):
    for name in COUNTS.get(algorithm, ()):
        value = parameters.get(name, 1)
        for count in value if isinstance(value, (list, tuple)) else [value]:
            if not isinstance(count, int) or isinstance(count, bool) or count < 1:
                raise SpecError(f"algorithms.{algorithm}.{name} must be a whole number from 1 up, or a list of them "
                                "where there are layers.", value=repr(value))


def _trouble(algorithm, parameters, classes):
    """Return the error of an estimator made with `parameters`, or None."""
    try:
        estimator = recipe_of(algorithm).make(parameters, 0)
        if hasattr(estimator, "_parameter_constraints"):
            estimator._validate_params()
        if algorithm in QUICK:
            _fit(estimator.set_params(**QUICK[algorithm]), classes)
    except (TypeError, ValueError) as error:
        return error
    return None


def _fit(estimator, classes):
    rows = np.random.default_rng(0).normal(size=(ROWS, 2)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(rows, np.arange(ROWS) % classes)
