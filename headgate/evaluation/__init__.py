"""What a model did on the holdout: scores, curves and slices, as plain numbers."""
