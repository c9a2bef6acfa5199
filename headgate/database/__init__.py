"""The one SQL database: decision ledger, prediction log and feedback, with migrations (SQLite or PostgreSQL)."""

from headgate.database.engine import hold_open, storage_errors, transaction

__all__ = ["hold_open", "storage_errors", "transaction"]
