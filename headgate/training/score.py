"""Judge one algorithm by cross-validation on training rows, with a search where ranges are given."""

import logging
import os
import time

from threadpoolctl import threadpool_limits

from headgate.learning.crossval import cross_validate, folds
from headgate.learning.features import check_features, load_features
from headgate.learning.search import is_searchable, search
from headgate.spec.gates import CrossValidationGate, MetricGate
from headgate.training.table import columns_of
from headgate.training.values import Scored

log = logging.getLogger(__name__)


def score_algorithm(spec, folder, algorithm, split, *, threads=None):
    """Return a Scored for `algorithm`; the holdout is never looked at.

    threads : limit for the libraries' own threads, so that algorithms judged side by side do not fight for cores.
    """
    started = time.monotonic()
    with threadpool_limits(threads):
        parameters, accuracies, trials = _judge(spec, folder, algorithm, split)
    result = Scored(algorithm, parameters, tuple(float(value) for value in accuracies),
                    time.monotonic() - started, tuple(trials))
    log.info("%s: cross-validated accuracy %.4f on %d training rows", algorithm, result.mean, len(split.train))
    return result


def check_model_features(spec, folder, split):
    """Raise FeaturesError unless the model's features.py is row-wise, finite and traced exactly; before any fit."""
    features = load_features(folder)
    if features is not None:
        check_features(features, spec, columns_of(spec, split.train))


def _judge(spec, folder, algorithm, split):
    """Return (parameters, accuracy of each fold, trials of a search)."""
    features, columns = load_features(folder), columns_of(spec, split.train)
    pieces = folds(spec, split.train, fold_count(spec))
    parameters = dict(spec.algorithms.get(algorithm, {}))
    if not is_searchable(parameters):
        return parameters, cross_validate(spec, features, algorithm, parameters, columns, split.train_y, pieces), ()
    parameters, trials = search(spec, features, algorithm, parameters, columns, split.train_y, pieces)
    best = next(trial for trial in trials if trial["parameters"] == parameters)
    return parameters, best["folds"], trials


def threads_each(parallel):
    """Return how many threads each of `parallel` algorithms may use, or None for no limit."""
    return max(1, (os.cpu_count() or 1) // parallel) if parallel > 1 else None


def fold_count(spec):
    """Return how many folds the spec's gate asks for."""
    return next((gate.folds for gate in spec.all_gates if isinstance(gate, CrossValidationGate)),
                CrossValidationGate().folds)


def fold_floor(spec):
    """Return the mean accuracy that cross-validation must reach, or None when either gate is off."""
    margin = next((gate.margin for gate in spec.all_gates if isinstance(gate, CrossValidationGate)), None)
    floor = next((gate.at_least for gate in spec.all_gates
                  if isinstance(gate, MetricGate) and gate.metric == "accuracy"), None)
    return None if margin is None or floor is None else floor - margin


def choose(scored):
    """Return the Scored with the best mean; the first named wins a tie, NaN never wins."""
    return max(scored, key=lambda one: (one.mean == one.mean, one.mean if one.mean == one.mean else 0.0))
