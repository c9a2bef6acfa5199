"""From probabilities to a class."""

import numpy as np

ROUNDING = 1e-6     # by so much a forest's sum of leaves, 32 bits wide, may be over 1 or under 0
NO_ANSWER = "no answer for these values: its arithmetic left the numbers"


def rounded(probabilities):
    """Return (probabilities within 0 and 1, mask of rows that more than rounding took out of them, or None).

    probabilities : (n, k), or (k,) of one row. Rows of the mask are no answers and hold anything, NaN too.
    """
    if not probabilities.size or probabilities.min() >= 0 and probabilities.max() <= 1:     # neither is so with NaN
        return probabilities, None
    good = ((probabilities >= -ROUNDING) & (probabilities <= 1 + ROUNDING)).all(axis=-1)
    return probabilities.clip(0, 1), None if good.all() else ~good


def classes(probabilities, threshold):
    """Return (n,) int positions in target.classes.

    probabilities : (n, k). Of two classes the last one wins from `threshold` on; of more, the most probable, the
    first of equals.
    """
    probabilities = np.asarray(probabilities)
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(int)
    return probabilities.argmax(axis=1)
