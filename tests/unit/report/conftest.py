from types import SimpleNamespace

import pytest

from tests.unit.report.samples import make_evaluation, make_spec


@pytest.fixture
def card():
    """Every input of a model card, all parts present."""
    gates = [{"name": "accuracy", "observed": 0.91234, "limit": 0.9, "verdict": "pass", "sentence": "Good enough."},
             {"name": "champion", "observed": -0.001, "limit": -0.02, "verdict": "hold", "sentence": "Cannot tell."},
             {"name": "cost", "observed": None, "limit": 20.0, "verdict": "fail", "sentence": "Too slow by far."}]
    return SimpleNamespace(
        spec=make_spec(), evaluation=make_evaluation(),
        lineage={"algorithm": "random_forest", "parameters": {"trees": 1234}, "seed": 77, "data_digest": "d1" * 32,
                 "spec_digest": "5a" * 32, "lock_digest": "10" * 32, "as_of": "2024-03-01", "python": "3.11.9",
                 "holdout": {"start": "2024-02-01"}, "git_commit": "0f" * 20, "libraries": {"numpy": "2.4.6"}},
        verdict={"decision": "reject", "sentence": "Rejected by cost (1 of 3 gates passed).", "gates": gates},
        candidates=[{"algorithm": "random_forest", "parameters": {"trees": 1234}, "folds": [0.8, 0.9], "mean": 0.85,
                     "seconds": 1.26},
                    {"algorithm": "xgboost", "parameters": {}, "folds": [], "mean": float("nan"), "seconds": None}],
        reading={"source": "members.csv", "rows_read": 12_345, "dropped": {"not a member": 17},
                 "removed": {"duplicate": 3}, "training_rows": 9_000, "holdout_rows": 400},
        champion={"version": "4", "metrics": {"accuracy": 0.8765}, "note": "On the same rows."})
