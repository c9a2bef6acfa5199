"""Judge one algorithm by cross-validation on training rows, with a search where ranges are given."""

import logging
import time

from headgate.learning.crossval import cross_validate, folds
from headgate.learning.features import load_features
from headgate.learning.search import is_searchable, search
from headgate.spec.gates import CrossValidationGate, MetricGate
from headgate.training.table import columns_of
from headgate.training.values import Scored

log = logging.getLogger(__name__)


def score_algorithm(spec, folder, algorithm, split):
    """Return a Scored for `algorithm`; the holdout is never looked at."""
    started = time.monotonic()
    features, columns = load_features(folder), columns_of(spec, split.train)
    pieces = folds(spec, split.train, fold_count(spec))
    parameters, trials = dict(spec.algorithms.get(algorithm, {})), ()
    if is_searchable(parameters):
        parameters, trials = search(spec, features, algorithm, parameters, columns, split.train_y, pieces)
    accuracies = cross_validate(spec, features, algorithm, parameters, columns, split.train_y, pieces)
    result = Scored(algorithm, parameters, tuple(float(value) for value in accuracies),
                    time.monotonic() - started, tuple(trials))
    log.info("%s: cross-validated accuracy %.4f on %d training rows", algorithm, result.mean, len(split.train))
    return result


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
