"""Every table of the database."""

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

ledger = Table(
    "ledger", metadata,
    Column("model", String(60), primary_key=True),
    Column("sequence", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("actor", String(255), nullable=False),
    Column("event", String(40), nullable=False),
    Column("version", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False))

heads = Table(
    "ledger_heads", metadata,
    Column("model", String(60), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("hash", String(64), nullable=False))

# One row per request that was answered: of a batch, `inputs` and `outputs` hold lists.
predictions = Table(
    "predictions", metadata,
    Column("id", String(32), primary_key=True),
    Column("model", String(60), nullable=False),
    Column("version", String(20), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("role", String(20), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("inputs", Text, nullable=False),
    Column("outputs", Text, nullable=False),
    Index("predictions_by_model", "model", "at"))

# Where the rows of one key are, so that they can be deleted; `key` is a SHA-256.
prediction_keys = Table(
    "prediction_keys", metadata,
    Column("model", String(60), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False))

feedback = Table(
    "feedback", metadata,
    Column("id", String(32), primary_key=True),
    Column("row", Integer, primary_key=True, autoincrement=False),
    Column("model", String(60), primary_key=True),
    Column("label", String(255), nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("feedback_by_time", "at"))
