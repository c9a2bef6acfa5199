"""The one SQL database: decision ledger, prediction log and feedback, with migrations (SQLite or PostgreSQL)."""

from headgate.database.engine import check_url, hold_open, storage_errors, transaction
from headgate.database.pinned import gone, mark_of, pin, unpin

__all__ = ["check_url", "gone", "hold_open", "mark_of", "pin", "storage_errors", "transaction", "unpin"]
