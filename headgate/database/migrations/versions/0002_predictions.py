"""The prediction log, the keys of its rows, and feedback."""

import sqlalchemy
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade():
    op.create_table(
        "predictions",
        sqlalchemy.Column("id", sqlalchemy.String(32), primary_key=True),
        sqlalchemy.Column("model", sqlalchemy.String(60), nullable=False),
        sqlalchemy.Column("version", sqlalchemy.String(20), nullable=False),
        sqlalchemy.Column("digest", sqlalchemy.String(64), nullable=False),
        sqlalchemy.Column("role", sqlalchemy.String(20), nullable=False),
        sqlalchemy.Column("at", sqlalchemy.BigInteger, nullable=False),
        sqlalchemy.Column("rows", sqlalchemy.Integer, nullable=False),
        sqlalchemy.Column("inputs", sqlalchemy.Text, nullable=False),
        sqlalchemy.Column("outputs", sqlalchemy.Text, nullable=False))
    op.create_index("predictions_by_model", "predictions", ["model", "at"])
    op.create_table(
        "prediction_keys",
        sqlalchemy.Column("model", sqlalchemy.String(60), primary_key=True),
        sqlalchemy.Column("key", sqlalchemy.String(64), primary_key=True),
        sqlalchemy.Column("id", sqlalchemy.String(32), primary_key=True),
        sqlalchemy.Column("row", sqlalchemy.Integer, primary_key=True, autoincrement=False))
    op.create_table(
        "feedback",
        sqlalchemy.Column("id", sqlalchemy.String(32), primary_key=True),
        sqlalchemy.Column("row", sqlalchemy.Integer, primary_key=True, autoincrement=False),
        sqlalchemy.Column("model", sqlalchemy.String(60), primary_key=True),
        sqlalchemy.Column("label", sqlalchemy.String(255), nullable=False),
        sqlalchemy.Column("at", sqlalchemy.BigInteger, nullable=False))
    op.create_index("feedback_by_time", "feedback", ["at"])


def downgrade():
    for table in ("feedback", "prediction_keys", "predictions"):
        op.drop_table(table)
