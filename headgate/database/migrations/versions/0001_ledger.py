"""The ledger and the head of each model's chain."""

import sqlalchemy
from alembic import op

revision = "0001"
down_revision = None


def upgrade():
    op.create_table(
        "ledger",
        sqlalchemy.Column("model", sqlalchemy.String(60), primary_key=True),
        sqlalchemy.Column("sequence", sqlalchemy.Integer, primary_key=True, autoincrement=False),
        sqlalchemy.Column("at", sqlalchemy.String(40), nullable=False),
        sqlalchemy.Column("actor", sqlalchemy.String(255), nullable=False),
        sqlalchemy.Column("event", sqlalchemy.String(40), nullable=False),
        sqlalchemy.Column("version", sqlalchemy.String(20), nullable=False),
        sqlalchemy.Column("digest", sqlalchemy.String(64), nullable=False),
        sqlalchemy.Column("body", sqlalchemy.Text, nullable=False),
        sqlalchemy.Column("previous", sqlalchemy.String(64), nullable=False),
        sqlalchemy.Column("hash", sqlalchemy.String(64), nullable=False))
    op.create_table(
        "ledger_heads",
        sqlalchemy.Column("model", sqlalchemy.String(60), primary_key=True),
        sqlalchemy.Column("sequence", sqlalchemy.Integer, nullable=False),
        sqlalchemy.Column("hash", sqlalchemy.String(64), nullable=False))


def downgrade():
    op.drop_table("ledger_heads")
    op.drop_table("ledger")
