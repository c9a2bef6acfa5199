"""What the champion predicts for its reference and for current rows."""

import numpy as np

from headgate.data import to_columns
from headgate.drift.gather import shares_of, with_answers
from headgate.graph.decision import classes
from headgate.graph.scorer import Scorer


class Predictions:
    """The champion's graph, loaded once."""

    def __init__(self, champion):
        self._spec, self._scorer = champion.spec, Scorer(f"{champion.chosen.folder}/model.onnx")

    def of_rows(self, frame):
        """Return the class of each row, int64 (n,), -1 where the graph has no answer for it."""
        if not len(frame):
            return np.empty(0, dtype=np.int64)
        return self._classes(self._scorer.probabilities(to_columns(frame, self._spec)))

    def of_sample(self, sample):
        """Return the class of each row of a Tally's sample: as it was answered where that is known, else anew.

        A row of the log that another version answered is scored only where the log holds every column.
        """
        names = shares_of(self._spec.target.classes)
        answered = self._classes(sample[names].to_numpy(dtype=float)) if names[0] in sample else \
            np.full(len(sample), -1)
        unknown = answered < 0
        if unknown.any() and all(name in sample for name in self._spec.column_names):
            answered[unknown] = self.of_rows(sample[unknown])
        return answered

    def of_answers(self, block, frame):
        """Return the class of each Logged row: as the champion answered it, else as it would from `frame`, typed."""
        return self.of_sample(with_answers(frame, block, self._spec))

    def counts(self, predicted):
        """Return how often each class was predicted, int64 (k,)."""
        return np.bincount(predicted[predicted >= 0], minlength=len(self._spec.target.classes))

    def _classes(self, shares):
        return np.where(np.isnan(shares).any(axis=1), -1, classes(np.nan_to_num(shares), self._spec.target.threshold))
