"""Write entries of the prediction log; writing one twice changes nothing."""

from headgate.database import transaction
from headgate.database.tables import prediction_keys, predictions

COLUMNS = tuple(column.name for column in predictions.columns)


def write_entries(workspace, entries):
    """Write entries made by Entries in one transaction.

    Raises StorageError when the database is away, locked, full or not writable; then nothing was written.
    """
    rows = [{name: entry[name] for name in COLUMNS} for entry in entries]
    keys = [{"model": entry["model"], "key": key, "id": entry["id"], "row": row}
            for entry in entries for row, key in entry["keys"]]
    with transaction(workspace, write=True) as connection:
        if rows:
            connection.execute(insert_new(connection, predictions), rows)
        if keys:
            connection.execute(insert_new(connection, prediction_keys), keys)


def insert_new(connection, table):
    """Return an insert that leaves alone what is there already."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert
    else:
        from sqlalchemy.dialects.sqlite import insert
    return insert(table).on_conflict_do_nothing()


def first_id(at):
    """Return the least id of a prediction made at `at` (milliseconds since 1970): ids begin with their time."""
    return f"{max(0, int(at)):012x}".ljust(32, "0")
