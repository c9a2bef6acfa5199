"""What the gates judge: plain arrays and numbers, put together by whoever trained the candidate."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from headgate.errors import HeadgateError


@dataclass(frozen=True, eq=False)
class ChampionEvidence:
    """How the serving champion does on the rows of the holdout that it never trained on.

    predictions : class index per paired row, shape (m,).
    rows : which rows of the holdout are paired, bool of shape (n,) with m true.
    version : the champion's version, as text.
    unavailable : why the champion could not score these rows; None if it could.
    probabilities : shape (m, k), or None; only ROC AUC and log loss beside the candidate's need them.
    """

    predictions: np.ndarray
    rows: np.ndarray
    version: str
    unavailable: str | None = None
    probabilities: np.ndarray | None = None


@dataclass(frozen=True)
class ParityEvidence:
    """How far the ONNX graph is from the fitted pipeline on the holdout.

    max_difference : largest difference of a probability; rows_over : rows beyond the tolerance;
    flipped : rows of another class; rows : rows compared; golden_ok : the golden rows reproduced.
    """

    max_difference: float
    rows_over: int
    flipped: int
    rows: int
    golden_ok: bool


@dataclass(frozen=True)
class CostEvidence:
    """Median time of one row through the graph, and the graph's size."""

    milliseconds: float
    megabytes: float


@dataclass(frozen=True, eq=False)
class Evidence:
    """One candidate on its holdout of n rows and k classes.

    y : true class index, shape (n,); probabilities : shape (n, k), in the order of `classes`.
    threshold : of two classes, the last is predicted from this probability on.
    folds : accuracy per fold of the cross-validation.
    majority : index of the commonest class among the training rows.
    rule_predictions : class index by the one-column rule, shape (n,); None without one.
    slices : column -> (value per row of shape (n,), its floor or None for the gate's).
    champion : None without one. champion_elsewhere : then there may be one all the same, which was not asked.
    Raises HeadgateError if shapes do not fit together.
    """

    y: np.ndarray
    probabilities: np.ndarray
    classes: tuple[str, ...]
    threshold: float = 0.5
    folds: tuple[float, ...] = ()
    majority: int = 0
    rule_predictions: np.ndarray | None = None
    slices: dict = field(default_factory=dict)
    champion: ChampionEvidence | None = None
    parity: ParityEvidence | None = None
    cost: CostEvidence | None = None
    champion_elsewhere: bool = False

    def __post_init__(self):
        rows, classes = len(self.y), len(self.classes)
        _expect("probabilities", np.shape(self.probabilities), (rows, classes))
        if self.rule_predictions is not None:
            _expect("rule_predictions", np.shape(self.rule_predictions), (rows,))
        for column, (labels, _) in self.slices.items():
            _expect(f"the slice {column!r}", np.shape(labels), (rows,))
        if self.champion is not None and self.champion.unavailable is None:
            _expect("the champion's rows", np.shape(self.champion.rows), (rows,))
            paired = int(np.count_nonzero(self.champion.rows))
            _expect("the champion's predictions", np.shape(self.champion.predictions), (paired,))

    @cached_property
    def predicted(self):
        """Predicted class index per row, shape (n,); -1 where a probability is NaN."""
        return predicted_classes(self.probabilities, self.threshold)

    @cached_property
    def right(self):
        """Which rows are predicted right, bool of shape (n,)."""
        return self.predicted == np.asarray(self.y)


def predicted_classes(probabilities, threshold):
    """Return the class index per row of `probabilities` (n, k); -1 where one of them is NaN."""
    probabilities = np.asarray(probabilities, dtype=float)
    if probabilities.shape[1] == 2:
        chosen = (probabilities[:, 1] >= threshold).astype(int)
    else:
        chosen = probabilities.argmax(axis=1) if len(probabilities) else np.zeros(0, dtype=int)
    return np.where(np.isnan(probabilities).any(axis=1), -1, chosen)


def _expect(what, seen, wanted):
    if tuple(seen) != wanted:
        raise HeadgateError(f"The evidence for the gates does not fit together: {what} has the wrong shape.",
                            value=tuple(seen), limit=wanted)
