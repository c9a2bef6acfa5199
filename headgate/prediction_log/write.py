"""Write entries of the prediction log; writing one twice changes nothing."""

from operator import itemgetter

from headgate.database import transaction
from headgate.database.tables import prediction_keys, predictions


def write_entries(workspace, entries):
    """Write entries made by Entries in one transaction.

    Raises StorageError when the database is away, locked, full or not writable; then nothing was written.
    """
    keys = [{"model": entry["model"], "key": key, "id": entry["id"], "row": row}
            for entry in entries for row, key in entry["keys"]]
    with transaction(workspace, write=True) as connection:
        for table, rows in ((predictions, entries), (prediction_keys, keys)):
            if rows:
                _insert(connection, table, rows)


def _insert(connection, table, rows):
    """Insert dicts that have at least the table's columns; SQLite gets them as tuples, at half the cost."""
    statement = insert_new(connection, table)
    if connection.dialect.name != "sqlite":
        connection.execute(statement, [{column.name: row[column.name] for column in table.columns} for row in rows])
        return
    compiled = statement.compile(dialect=connection.dialect)
    connection.exec_driver_sql(str(compiled), list(map(itemgetter(*compiled.positiontup), rows)))


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
