"""A retraining is decided when its turn has come, so that it sees what the one before it has trained."""

from contextlib import contextmanager

import pytest

from flows import retrain


@pytest.mark.parametrize("dry_run, held", [(False, [("retraining", "kettle")]), (True, [])])
def test_it_decides_within_its_turn_and_a_dry_run_waits_for_nobody(monkeypatch, dry_run, held):
    turns, seen = [], []

    @contextmanager
    def turn(*whose):
        turns.append(whose)
        yield
        turns.remove(whose)

    monkeypatch.setattr(retrain, "one_at_a_time", turn)
    monkeypatch.setattr(retrain, "_decided", lambda *arguments: seen.append([*turns]) or {"outcome": "not_due"})
    monkeypatch.setattr(retrain, "_end", lambda place, summary: summary)
    assert retrain.retrain_model.fn(model="kettle", dry_run=dry_run) == {"outcome": "not_due"}
    assert seen == [held] and turns == []
