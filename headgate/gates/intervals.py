"""Intervals for a share, and for the difference of two shares on the same rows."""

import math
from statistics import NormalDist

import numpy as np


def wilson(successes, rows, confidence=0.95):
    """Return (low, high), the two-sided interval of a share; (nan, nan) without rows.

    Source: Wilson (1927), Probable inference, the law of succession, and statistical inference.
    """
    if rows == 0:
        return math.nan, math.nan
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, spread = successes / rows, z * z / rows
    centre = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * math.sqrt(share * (1 - share) / rows + spread / (4 * rows))
    low = 0.0 if successes == 0 else centre - half
    return low, 1.0 if successes == rows else centre + half


def exact(successes, rows, confidence=0.95):
    """Return (low, high), the two-sided interval of a share that is right on average for the fewest rows too.

    (nan, nan) without rows. Source: Clopper and Pearson (1934), The use of confidence or fiducial limits.
    """
    if rows == 0:
        return math.nan, math.nan
    tail = (1 - confidence) / 2
    return 1 - _exact_upper(rows - successes, rows, tail), _exact_upper(successes, rows, tail)


def _exact_upper(successes, rows, tail):
    """Return the share under which so few successes are as unlikely as `tail`, by bisection."""
    if successes == rows:
        return 1.0
    count = np.arange(successes + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, rows + 1)))])
    ways = logs[rows] - logs[count] - logs[rows - count]
    low, high = successes / rows, 1.0
    for _ in range(50):
        share = (low + high) / 2
        chance = np.exp(ways + count * math.log(share) + (rows - count) * math.log1p(-share)).sum()
        low, high = (share, high) if chance > tail else (low, share)
    return high


def paired_lower(wins, losses, rows, confidence=0.95):
    """Return the one-sided lower bound of the difference of two accuracies on the same rows.

    wins : rows that only the first got right; losses : rows that only the second got right; numbers or
    arrays. Inverts `exceeds` by bisection. Without rows the bound is -1.
    """
    wins, losses, rows = (np.asarray(part, dtype=float) for part in (wins, losses, rows))
    low = np.full(np.broadcast(wins, losses, rows).shape, -1.0)
    high = (wins - losses) / np.maximum(rows, 1)
    for _ in range(60):
        middle = (low + high) / 2
        above = exceeds(wins, losses, rows, middle, confidence)
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return low if low.shape else float(low)


def paired_upper(wins, losses, rows, confidence=0.95):
    """Return the one-sided upper bound of the same difference."""
    return -paired_lower(losses, wins, rows, confidence)


def exceeds(wins, losses, rows, difference, confidence=0.95):
    """Tell whether the true difference in accuracy is shown to be greater than `difference`.

    The score test of a paired difference with half a pair of continuity correction: without the correction up
    to 6.7 % of models that are worse by exactly the margin would get through, with it at most 5 %.
    Source: Tango (1998), Equivalence test and confidence interval for the difference in proportions for the
    paired-sample design.
    """
    z = NormalDist().inv_cdf(confidence)
    distance = wins - losses - rows * difference - 0.5
    return distance > z * np.sqrt(rows * null_variance(wins, losses, rows, difference))


def null_variance(wins, losses, rows, difference):
    """Return the variance of one row's win less loss, as likely as may be if `difference` were true."""
    linear = (2 * rows - wins + losses) * difference - wins - losses
    constant = -losses * difference * (1 - difference)
    root = np.sqrt(np.maximum(linear * linear - 8 * rows * constant, 0.0))
    lost = (root - linear) / np.maximum(4 * rows, 1e-300)
    return np.maximum(2 * lost + difference - difference * difference, 0.0)
