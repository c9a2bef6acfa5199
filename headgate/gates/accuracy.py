"""Gate: a score on the holdout reaches its floor (log loss: stays under its ceiling)."""

import math

import numpy as np

from headgate.gates.metrics import NAMES, interval, score
from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit, rows_of, shown


def accuracy_gate(evidence, *, metric="accuracy", at_least=None, at_most=None):
    """Judge the score itself, not its interval; exactly at the limit passes.

    Fails on an empty holdout, on a NaN probability and on a score that is not defined there.
    """
    value = score(metric, evidence.y, evidence.probabilities, evidence.predicted)
    limit = at_most if at_least is None else at_least
    if math.isnan(value):
        return GateResult(metric, None, limit, FAIL, _why_unknown(metric, evidence), {"rows": len(evidence.y)})
    low, high = interval(metric, evidence.y, evidence.probabilities, evidence.predicted)
    passed = value <= limit if at_least is None else value >= limit
    champion = _champion_score(metric, evidence)
    sentence = (f"{NAMES[metric]} {shown(value, limit)} on {rows_of(len(evidence.y), 'holdout row')} "
                f"(95 % interval {shown(low)} to {shown(high)}) is "
                f"{_compared(passed, at_least is None)} {as_limit(limit)}{_beside(champion, evidence)}.")
    return GateResult(metric, value, limit, PASS if passed else FAIL, sentence,
                      {"rows": len(evidence.y), "interval": [low, high], "champion": champion})


def _compared(passed, ceiling):
    if ceiling:
        return "at most" if passed else "over the limit of"
    return "at least" if passed else "under the floor of"


def _why_unknown(metric, evidence):
    name = NAMES[metric]
    if not len(evidence.y):
        return f"{name} cannot be computed: the holdout has no rows."
    broken = int((~np.isfinite(np.asarray(evidence.probabilities, dtype=float))).any(axis=1).sum())
    if broken:
        return f"{name} cannot be computed: {rows_of(broken)} of {len(evidence.y):,} got no probability (NaN)."
    absent = [name for index, name in enumerate(evidence.classes) if not np.any(np.equal(evidence.y, index))]
    cause = f"the holdout has no row of class {', '.join(absent)}" if absent else "no row is predicted positive"
    return f"{name} cannot be computed: {cause}."


def _champion_score(metric, evidence):
    champion = evidence.champion
    if champion is None or champion.unavailable is not None or not np.any(champion.rows):
        return None
    if metric in ("roc_auc", "log_loss") and champion.probabilities is None:
        return None
    truth = np.asarray(evidence.y)[np.asarray(champion.rows, dtype=bool)]
    value = score(metric, truth, champion.probabilities, champion.predictions)
    return None if math.isnan(value) else value


def _beside(champion, evidence):
    if champion is None:
        return ""
    paired = int(np.count_nonzero(evidence.champion.rows))
    where = "" if paired == len(evidence.y) else f" on the {rows_of(paired)} it never trained on"
    return f"; the champion (version {evidence.champion.version}) has {shown(champion)}{where}"
