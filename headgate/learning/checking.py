"""What must hold of a features.py before its answers are trusted, checked on training rows in every training."""

import numpy as np

from headgate.errors import FeaturesError
from headgate.learning.features import engineer, offered_columns
from headgate.learning.functions import ALONE
from headgate.learning.table import layout_of

SAMPLE = 500
BITS = "Write it in simpler array arithmetic. The graph computes tan, sinh, cosh and the inverse functions in 32 " \
       "bits; in 64 there are sin, cos, tanh, exp and log: tan is xp.sin(x) / xp.cos(x)."
LARGEST = float(np.finfo(np.float32).max)


def check(features, spec, columns):
    """Raise FeaturesError at the first thing wrong with `features`; see `check_features`."""
    if features is None or not len(columns[spec.columns[0].name]):
        return
    answer = engineer(spec, features, columns)
    layout_of(spec, tuple(answer))
    if not answer:
        return
    rows = np.random.default_rng(spec.seed).permutation(len(columns[spec.columns[0].name]))[:SAMPLE]
    sample = _take(columns, np.union1d(rows, _telling_rows(spec, columns)))
    traced = _traced(features, spec, sample)
    _check_rowwise(features, spec, sample)
    _check_finite(features, spec, columns, answer, _inputs(features, spec, sample))
    _check_agreement(features, spec, sample, traced)


def _telling_rows(spec, columns):
    """Return rows that a condition on the whole table would turn on: the least, the largest and a missing one of each.

    So `xp.any(x > limit)` and `xp.max(x)` show, although hardly any row is over the limit.
    """
    found = []
    for column in spec.columns:
        values = columns[column.name]
        if column.kind == "category" or np.isnan(values).all():
            continue
        found += [np.nanargmin(values), np.nanargmax(values), np.argmax(np.isnan(values))]
    return np.array(found, dtype=np.int64)


def _take(columns, rows):
    return {name: values[rows] for name, values in columns.items()}


def _traced(features, spec, sample):
    """Return the features of `sample` as the graph computes them: array (n, m)."""
    from headgate.graph.convert import trace_features
    from headgate.graph.scorer import run_once

    return run_once(trace_features(features, spec), sample)


def _check_rowwise(features, spec, sample):
    """Reorder rows and take some away: the values of a row must not change."""
    count = len(sample[spec.columns[0].name])
    whole = engineer(spec, features, sample)
    every = np.arange(count)
    for rows in (every[::-1], every[: max(1, count // 2)], every[count // 3:], every[:1], every[-1:]):
        part = engineer(spec, features, _take(sample, rows))
        for name, values in whole.items():
            same = np.isclose(part[name], values[rows], rtol=1e-9, atol=1e-11, equal_nan=True)
            if not same.all():
                example = rows[int(np.argmin(same))]
                raise FeaturesError(
                    f"{features.path}: the feature {name!r} mixes rows: for {_example(spec, sample, example)} it is "
                    f"{values[example]:.6g} among all {count} rows and {part[name][np.argmin(same)]:.6g} among "
                    f"{len(rows)} of them.", remedy=ALONE)


def _inputs(features, spec, sample):
    """Return {feature: names of the offered columns whose values change it}, tried on `sample`."""
    offered = offered_columns(spec, sample)
    with np.errstate(all="ignore"):
        whole = features.apply(offered)
        inputs = {name: [] for name in whole}
        for column, values in offered.items():
            for other in (np.full_like(values, np.nan), values[::-1].copy()):
                for name, changed in features.apply(offered | {column: other}).items():
                    if not np.array_equal(changed, whole[name], equal_nan=True) and column not in inputs[name]:
                        inputs[name].append(column)
    return inputs


def _check_finite(features, spec, columns, answer, inputs):
    offered = offered_columns(spec, columns)
    for name, values in answer.items():
        bad = ~(np.abs(values) <= LARGEST)
        for column in inputs[name]:
            bad &= np.isfinite(offered[column])
        if bad.any():
            row = int(np.argmax(bad))
            raise FeaturesError(f"{features.path}: the feature {name!r} is {values[row]:.6g} in {int(bad.sum())} of "
                                f"{len(bad)} rows although its inputs are given, for example for "
                                f"{_example(spec, columns, row, inputs[name])}.", limit="a finite 32-bit number",
                                remedy="Guard it, for example xp.where(y > 0, x, 0.0) / xp.where(y > 0, y, 1.0).")
        if values.any() and np.nanmax(np.abs(values)) < 1e-7:
            raise FeaturesError(f"{features.path}: the feature {name!r} is too small: values are rounded to 1e-12.",
                                value=f"at most {np.nanmax(np.abs(values)):.3g}", limit="1e-7", remedy="Scale it up.")


def _check_agreement(features, spec, sample, traced):
    answer = engineer(spec, features, sample)
    for position, (name, values) in enumerate(answer.items()):
        same = np.isclose(traced[:, position], values, rtol=1e-6, atol=1e-6, equal_nan=True)
        if not same.all():
            row = int(np.argmin(same))
            raise FeaturesError(f"{features.path}: the feature {name!r} is {values[row]:.9g} in NumPy and "
                                f"{traced[row, position]:.9g} in the graph, for {_example(spec, sample, row)}.",
                                remedy=BITS)


def _example(spec, columns, row, names=None):
    offered = offered_columns(spec, columns)
    names = list(names or offered)[:6]
    return ", ".join(f"{name} = {offered[name][row]:.6g}" for name in names)
