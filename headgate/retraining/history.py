"""Which trainings there were since the model has had a champion, read off the ledger."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timezone

from headgate import ledger
from headgate.registry import read
from headgate.registry.values import CHALLENGER

FINAL = ("promoted", "waits as challenger")


@dataclass(frozen=True)
class Training:
    """day : the day that the training stood on, or when it was where the model has no time. version : "" if rejected.

    outcome : "registered" or "rejected".
    """

    day: date
    outcome: str
    version: str = ""


def waiting_day(workspace, model):
    """Return the day that the challenger's training stood on, or when it was registered; None without a challenger."""
    one = read.with_alias(workspace, model, CHALLENGER)
    if one is None:
        return None
    as_of = one.tags.get("headgate.as_of")
    return date.fromisoformat(as_of) if as_of else datetime.fromtimestamp(one.created / 1000, timezone.utc).date()


def trainings(workspace, model):
    """Return every finished Training after the one that made the first champion, oldest first.

    One that was cut off behind its registration does not count, so that it can be run again at once.
    Raises StorageError when the ledger is away.
    """
    return since_first_champion(ledger.entries(workspace, model))


def since_first_champion(entries):
    """Return the same from the entries of a ledger."""
    first = next((entry.sequence for entry in entries if entry.event == "promoted"), None)
    if first is None:
        return ()
    settled = {entry.version for entry in entries if entry.event in FINAL}
    return tuple(Training(_day(entry), entry.event, entry.version) for entry in entries
                 if entry.sequence > first and _finished(entry, settled))


def _finished(entry, settled):
    if entry.event == "registered":
        return entry.version in settled or json.loads(entry.body).get("decision") != "promote"
    return entry.event == "rejected"


def _day(entry):
    as_of = json.loads(entry.body).get("as_of")
    return date.fromisoformat(as_of) if as_of else datetime.fromisoformat(entry.at).date()
