"""How far two distributions over the same bins are apart."""

import numpy as np

from headgate.validation.stability import psi_of_counts

__all__ = ["jensen_shannon_distance", "psi_of_counts"]


def jensen_shannon_distance(reference, current):
    """Return how far apart two distributions are, from 0 (equal) to 1 (nothing in common).

    reference, current : int arrays (k,), the rows in each bin; none of them all zero.
    Source: Lin (1991), Divergence measures based on the Shannon entropy; Endres and Schindelin (2003) for its root.
    """
    left, right = (np.asarray(counts, dtype=float) / np.sum(counts) for counts in (reference, current))
    middle = (left + right) / 2
    return float(np.sqrt(max(0.0, (_entropy(middle) - (_entropy(left) + _entropy(right)) / 2))))


def _entropy(shares):
    present = shares[shares > 0]
    return float(-np.sum(present * np.log2(present)))
