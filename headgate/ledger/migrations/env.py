"""Run by alembic inside the transaction that `headgate.ledger.upgrade` opened."""

from alembic import context

from headgate.ledger.database import SCHEMA_TABLE, metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata,
                  version_table=SCHEMA_TABLE)
with context.begin_transaction():
    context.run_migrations()
