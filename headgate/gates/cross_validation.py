"""Gate: accuracy holds up across the folds of the training rows."""

import numpy as np

from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit, shown

ROUNDING = 1e-12


def cross_validation_gate(evidence, *, floor, margin, max_spread):
    """Judge the mean of the folds against `floor` less `margin`, and highest less lowest fold against `max_spread`.

    Fails with fewer than two folds and on a NaN fold. Exactly at a limit passes.
    """
    folds = np.asarray(evidence.folds, dtype=float)
    limit = round(floor - margin, 12)
    details = {"folds": folds, "max_spread": max_spread}
    if len(folds) < 2:
        return GateResult("cross_validation", None, limit, FAIL,
                          f"Cross-validation needs at least 2 folds, and there are {len(folds)}.", details)
    if not np.isfinite(folds).all():
        return GateResult("cross_validation", None, limit, FAIL,
                          f"{int((~np.isfinite(folds)).sum())} of {len(folds)} folds have no accuracy (NaN).", details)
    mean, spread = float(folds.mean()), float(folds.max() - folds.min())
    high_enough, even = mean >= limit - ROUNDING, spread <= max_spread + ROUNDING
    sentence = (f"Over {len(folds)} folds accuracy is {shown(mean, limit)} on average, "
                f"{'at least' if high_enough else 'under the floor of'} {as_limit(limit)}; between the best and the "
                f"worst fold lie {shown(spread, max_spread)}, "
                f"{'at most' if even else 'over the limit of'} {as_limit(max_spread)}.")
    return GateResult("cross_validation", mean, limit, PASS if high_enough and even else FAIL, sentence,
                      {**details, "spread": spread})
