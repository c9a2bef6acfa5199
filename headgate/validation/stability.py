"""Population stability index (PSI): how far a column moved from a reference."""

import numpy as np

from headgate.errors import TooFewRows

FEWEST_ROWS = 20
RARE = 0.02
ROUNDING = 1e-9


def population_stability_index(reference, current, edges):
    """Measure how far `current` moved from `reference` (PSI, in nats).

    reference, current : float arrays of shape (n,) and (m,); NaN counts as its own bin.
    edges : increasing array of shape (k,), taken from the reference; bin i holds edges[i-1] < x <= edges[i].
    Half a row is added to every bin, so that an empty one does not make the index infinite.
    Raises TooFewRows under 20 rows on either side.
    Source: Yurdakul and Naranjo (2020), Statistical properties of the PSI.
    """
    fewest = min(len(reference), len(current))
    if fewest < FEWEST_ROWS:
        raise TooFewRows("The population stability index needs more rows.", value=f"{fewest} rows",
                         limit=f"at least {FEWEST_ROWS} rows on either side")
    return psi_of_counts(bin_counts(reference, edges), bin_counts(current, edges))


def psi_of_counts(reference, current):
    """Return the same from the rows in each bin: two int arrays (k,), none of them all zero."""
    expected, seen = (np.asarray(counts) + 0.5 for counts in (reference, current))
    expected, seen = expected / expected.sum(), seen / seen.sum()
    return float(np.sum((seen - expected) * np.log(seen / expected)))


def bin_counts(values, edges):
    """Count the values in each bin of `edges` (k,); returns int64 (k + 2,), missing values last."""
    values = np.asarray(values, dtype=float)
    missing = np.isnan(values)
    counts = np.bincount(np.searchsorted(edges, values[~missing], side="left"), minlength=len(edges) + 1)
    return np.append(counts, missing.sum()).astype(np.int64)


def decile_edges(reference):
    """Return the edges of about ten bins with equal shares of `reference`, and one below and one above all of it.

    reference : float array (n,); NaN and infinities are left out. Returns an increasing array, empty if none is left.
    An edge lies half-way between two values of the reference, so that a last digit that another reader rounds
    differently (10.357020000000001 for 10.35702) changes no bin.
    """
    finite = np.asarray(reference, dtype=float)
    finite = finite[np.isfinite(finite)]
    if not len(finite):
        return np.empty(0)
    distinct = np.unique(finite)
    above = np.searchsorted(distinct, np.quantile(finite, np.arange(1, 10) / 10), side="right")
    above = above[above < len(distinct)]
    slack = ROUNDING * (np.abs(distinct[[0, -1]]).max() or 1.0)
    return np.unique([distinct[0] - slack, *(distinct[above - 1] + distinct[above]) / 2, distinct[-1] + slack])


def category_codes(reference, current, categories):
    """Number two columns of text alike, for `population_stability_index`.

    reference, current : pandas str series, NaN missing; categories : the listed values.
    Values with less than 2 % of the reference share one number, because a bin for each would drift by chance
    alone; so do all values that are not listed. Returns (codes (n,), codes (m,), edges).
    """
    numbers, edges = category_numbers(reference, categories)
    return codes_of(reference, numbers, edges), codes_of(current, numbers, edges), edges


def category_numbers(reference, categories):
    """Return (listed value -> number, edges (k,)) as above; a value that is not listed gets the number k."""
    shares = reference.value_counts(normalize=True)
    common = [name for name in categories if shares.get(name, 0) >= RARE]
    numbers = {name: len(common) for name in categories} | {name: number for number, name in enumerate(common)}
    return numbers, np.arange(len(common) + 1) + 0.5


def codes_of(values, numbers, edges):
    """Number a column of text by what `category_numbers` returned; a float array (n,), NaN for a missing value."""
    codes, distinct = values.factorize()
    lookup = np.array([float(numbers.get(name, len(edges))) for name in distinct] + [np.nan])
    return lookup[codes]
