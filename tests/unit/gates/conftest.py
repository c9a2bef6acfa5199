"""A candidate whose every number is chosen, so that a test can put it just above, at or just below a limit."""

import numpy as np
import pytest

from headgate.gates import CostEvidence, Evidence, ParityEvidence

PARITY = ParityEvidence(max_difference=1e-6, rows_over=0, flipped=0, rows=1000, golden_ok=True)
COST = CostEvidence(milliseconds=0.05, megabytes=1.2)


def predictions_with(y, right, classes=2):
    """Class indices of which the last `right` are as in `y` and all others wrong."""
    wrong = np.arange(len(y)) < len(y) - right
    return np.where(wrong, (y + 1) % classes, y)


def calibrated(predicted, share, classes=2):
    """Probabilities that give the predicted class as much as it is right."""
    probabilities = np.full((len(predicted), classes), (1 - share) / (classes - 1))
    probabilities[np.arange(len(predicted)), predicted] = share
    return probabilities


@pytest.fixture
def candidate():
    """Return a builder: candidate(rows, right, **what differs) -> Evidence that passes every gate by default."""
    def build(rows=1000, right=920, **changes):
        y = np.arange(rows) % 2
        share = right / rows if rows else 0.5
        evidence = {"y": y, "probabilities": calibrated(predictions_with(y, right), max(share, 0.51)),
                    "classes": ("no", "yes"), "folds": (0.91, 0.92, 0.93), "majority": 0,
                    "parity": PARITY, "cost": COST}
        return Evidence(**{**evidence, **changes})
    return build
