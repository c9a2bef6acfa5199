"""Which trainings count for cool-down and budget, read off a real ledger."""

from datetime import date

import pytest
from champions import workspace_in

from headgate import ledger
from headgate.retraining.history import trainings


@pytest.fixture
def write(tmp_path):
    """Append to the ledger of ferries; `write.workspace` is where."""
    def append(event, version="", **body):
        return ledger.append(workspace_in(tmp_path), "ferries", event, version=version, body=body)
    append.workspace = workspace_in(tmp_path)
    return append


def told(write):
    return [(one.day, one.outcome, one.version) for one in trainings(write.workspace, "ferries")]


def test_the_training_that_made_the_first_champion_does_not_count(write):
    write("rejected", as_of="2026-01-01")
    write("registered", "1", as_of="2026-02-01", decision="promote")
    assert told(write) == []
    write("promoted", "1")
    assert told(write) == []
    write("registered", "2", as_of="2026-03-01", decision="promote")
    write("waits as challenger", "2")
    write("rejected", as_of="2026-04-01")
    write("registered", "3", as_of="2026-05-01", decision="hold")
    assert told(write) == [(date(2026, 3, 1), "registered", "2"), (date(2026, 4, 1), "rejected", ""),
                           (date(2026, 5, 1), "registered", "3")]


def test_one_that_was_cut_off_does_not_count_until_it_is_finished(write):
    write("promoted", "1")
    write("registered", "2", as_of="2026-03-01", decision="promote")
    assert told(write) == []
    write("waits as challenger", "2")
    assert len(told(write)) == 1


def test_without_a_time_column_the_day_is_when_it_was(write):
    write("promoted", "1")
    entry = write("rejected", as_of=None)
    assert told(write) == [(date.fromisoformat(entry.at[:10]), "rejected", "")]


def test_looking_at_a_model_is_no_training(write):
    write("promoted", "1")
    for event in ("data validated", "drift found", "no drift", "retraining due", "retraining not due", "rolled back"):
        write(event, "1", sentence="So it is.")
    assert told(write) == []
