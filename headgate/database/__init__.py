"""The one SQL database: decision ledger, prediction log and feedback, with migrations (SQLite or PostgreSQL)."""

from headgate.database.engine import storage_errors, transaction

__all__ = ["storage_errors", "transaction"]
