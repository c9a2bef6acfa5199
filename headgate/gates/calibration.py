"""Gate: a stated probability means what it says."""

import numpy as np

from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit, rows_of, shown

BINS = 15
DRAWS = 500
ENOUGH_ROWS = 20_000


def calibration_gate(evidence, *, at_most, seed=0):
    """Judge the expected calibration error against `at_most`.

    Few rows show an error even where there is none: over the limit, a holdout of up to 20,000 rows fails only if its
    error is also over what 95 % of perfectly calibrated models would show on it (consistency resampling, Broecker
    and Smith 2007, 500 seeded draws). Fails on an empty holdout and on a NaN probability.
    """
    rows = len(evidence.y)
    if not rows:
        return _unknown(at_most, "the holdout has no rows")
    if not np.isfinite(np.asarray(evidence.probabilities, dtype=float)).all():
        return _unknown(at_most, "some probabilities are NaN")
    stated, happened = _stated_and_happened(evidence)
    error = expected_calibration_error(stated, happened)
    chance = error > at_most and rows <= ENOUGH_ROWS and error <= _by_chance(stated, seed) + 1e-12
    passed = error <= at_most or chance
    sentence = (f"Stated probabilities are off by {shown(error, at_most)} on average over "
                f"{rows_of(rows, 'holdout row')}, "
                f"{'at most' if error <= at_most else 'over the limit of'} {as_limit(at_most)}"
                + ("; but on so few rows a perfectly calibrated model may show as much." if chance else "."))
    return GateResult("calibration", error, at_most, PASS if passed else FAIL, sentence,
                      {"rows": rows, "bins": BINS, "by_chance": chance})


def _unknown(at_most, why):
    return GateResult("calibration", None, at_most, FAIL, f"Calibration cannot be judged: {why}.")


def expected_calibration_error(stated, happened):
    """Return the mean distance of stated probability and observed share, over 15 equal bins, weighted by rows.

    stated : probabilities of shape (n,); happened : bool of shape (n,). NaN without rows. Two classes: the
    probability of the last one; more: of the predicted one.
    Source: Naeini, Cooper and Hauskrecht (2015); Guo, Pleiss, Sun and Weinberger (2017).
    """
    if not len(stated):
        return float("nan")
    gaps = np.bincount(_bins(stated), weights=stated - happened, minlength=BINS)
    return float(np.abs(gaps).sum() / len(stated))


def _bins(stated):
    return np.clip((np.asarray(stated) * BINS).astype(int), 0, BINS - 1)


def _stated_and_happened(evidence):
    probabilities, y = np.asarray(evidence.probabilities, dtype=float), np.asarray(evidence.y)
    if probabilities.shape[1] == 2:
        return probabilities[:, 1], y == 1
    return probabilities.max(axis=1), probabilities.argmax(axis=1) == y


def _by_chance(stated, seed):
    """Return the error that 95 % of perfectly calibrated models stay under on these probabilities."""
    random = np.random.default_rng(seed)
    errors = [expected_calibration_error(stated, random.random(len(stated)) < stated) for _ in range(DRAWS)]
    return float(np.quantile(errors, 0.95))
