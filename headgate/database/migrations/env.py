"""Run by alembic inside the transaction that `headgate.database.upgrade` opened."""

from alembic import context

from headgate.database.tables import metadata
from headgate.database.upgrade import SCHEMA_TABLE

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata,
                  version_table=SCHEMA_TABLE)
with context.begin_transaction():
    context.run_migrations()
