"""Does the graph answer as the fitted pipeline does?"""

from dataclasses import dataclass

import numpy as np

from headgate.errors import GraphError
from headgate.graph.decision import classes


@dataclass(frozen=True)
class Parity:
    """Largest difference of a probability, rows over the tolerance, rows of another class, rows in all."""

    max_difference: float
    rows_over: int
    flipped: int
    rows: int


def compare(pipeline, graph, *, threshold, tolerance):
    """Compare probabilities (n, k) of the pipeline with those of the graph.

    A row counts as flipped when its class differs, unless the pipeline's own probabilities decide it by no more
    than `tolerance` (binary) or twice that (the two best of several). NaN counts as over and flipped.
    Raises GraphError if the shapes differ.
    """
    pipeline, graph = np.asarray(pipeline, dtype=float), np.asarray(graph, dtype=float)
    if pipeline.shape != graph.shape:
        raise GraphError("The graph and the pipeline answer in different shapes.", value=graph.shape,
                         limit=pipeline.shape)
    if not len(pipeline):
        return Parity(0.0, 0, 0, 0)
    difference = np.abs(pipeline - graph).max(axis=1)
    difference[np.isnan(difference)] = np.inf
    differs = (classes(pipeline, threshold) != classes(graph, threshold)) & (_margin(pipeline, threshold) > tolerance)
    return Parity(float(difference.max()), int((difference > tolerance).sum()),
                  int((differs | np.isinf(difference)).sum()), len(pipeline))


def _margin(probabilities, threshold):
    if probabilities.shape[1] == 2:
        return np.abs(probabilities[:, 1] - threshold)
    best = np.sort(probabilities, axis=1)
    return (best[:, -1] - best[:, -2]) / 2
