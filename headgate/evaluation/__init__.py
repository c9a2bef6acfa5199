"""What a model did on the holdout: scores, curves and slices, as plain numbers."""

from headgate.evaluation.measure import Evaluation, evaluate, scores

__all__ = ["Evaluation", "evaluate", "scores"]
