"""The one SQL database: decision ledger, prediction log and feedback, with migrations (SQLite or PostgreSQL)."""

from headgate.database.engine import check_url, hold_open, storage_errors, transaction

__all__ = ["check_url", "hold_open", "storage_errors", "transaction"]
