"""An append-only record, hash-chained per model, of everything that was decided about it."""

from headgate.ledger.entry import ChainCheck, Entry
from headgate.ledger.record import append, entries, models, restore, verify_chain, written_with

__all__ = ["ChainCheck", "Entry", "append", "entries", "models", "restore", "verify_chain", "written_with"]
