"""Search over hyperparameters within a budget of trials and minutes, by cross-validation on training rows."""

import math
import time

import numpy as np

from headgate.learning.algorithms import check_parameters
from headgate.learning.crossval import score_matrix
from headgate.learning.parameters import is_searchable, ranges
from headgate.learning.table import to_matrix

__all__ = ["is_searchable", "search"]


def search(spec, features, algorithm, parameters, columns, y, folds):
    """Return (best parameters, trials) for parameters with lists and ranges.

    Lists alone that fit into spec.search.trials are tried one by one; else a seeded TPE (optuna) chooses. No trial
    starts after spec.search.minutes. trials : tuple of dicts with parameters, accuracy (mean of the folds), folds,
    seconds. Raises SpecError for an unknown parameter or an impossible range.
    """
    import optuna

    space, matrix = ranges(algorithm, parameters), to_matrix(spec, features, columns)
    check_parameters(algorithm, parameters)
    trials = []

    def judge(trial):
        chosen = parameters | {name: _suggest(trial, name, limits) for name, limits in space.items()}
        started = time.monotonic()
        scores = score_matrix(spec, features, algorithm, chosen, *matrix, np.asarray(y), folds)
        trials.append({"parameters": chosen, "accuracy": float(np.mean(scores)), "folds": list(scores),
                       "seconds": time.monotonic() - started})
        return trials[-1]["accuracy"]

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=_sampler(optuna, space, spec))
    study.optimize(judge, n_trials=spec.search.trials, timeout=spec.search.minutes * 60)
    return max(trials, key=lambda one: one["accuracy"])["parameters"], tuple(trials)


def _sampler(optuna, space, spec):
    if all(isinstance(limits, list) for limits in space.values()):
        grid = {name: list(range(len(limits))) for name, limits in space.items()}
        if math.prod(len(choices) for choices in grid.values()) <= spec.search.trials:
            return optuna.samplers.GridSampler(grid, seed=spec.seed)
    return optuna.samplers.TPESampler(seed=spec.seed)


def _suggest(trial, name, limits):
    if isinstance(limits, list):
        choice = limits[trial.suggest_categorical(name, list(range(len(limits))))]
        return [choice] if isinstance(choice, list) else choice   # a list is a choice of one, here and in a record
    low, high, log = limits
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(name, low, high, log=log)
    return trial.suggest_float(name, low, high, log=log)
