"""What the database holds, asked once it is there."""

from running import until

from headgate.errors import StorageError
from headgate.prediction_log import read_rows


def rows_of(workspace, model="kettle"):
    """Return every logged row, oldest first; none while the database is away."""
    try:
        return list(read_rows(workspace, model))
    except StorageError:
        return []


def logged(workspace, count, *, model="kettle", seconds=30):
    """Return the logged rows once there are at least `count`."""
    def enough():
        found = rows_of(workspace, model)
        return found if len(found) >= count else None
    return until(enough, seconds=seconds, what=f"fewer than {count} rows arrived")
