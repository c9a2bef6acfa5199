"""From probabilities to a class."""

import numpy as np


def classes(probabilities, threshold):
    """Return (n,) int positions in target.classes.

    probabilities : (n, k). Of two classes the last one wins from `threshold` on; of more, the most probable, the
    first of equals.
    """
    probabilities = np.asarray(probabilities)
    if probabilities.shape[1] == 2:
        return (probabilities[:, 1] >= threshold).astype(int)
    return probabilities.argmax(axis=1)
