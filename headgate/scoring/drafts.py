"""A file that appears under its name whole or not at all."""

import os
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from headgate.errors import StorageError


class Draft:
    """A file in the making, hidden beside the place that it is for. path : that place. place : where to write."""

    def __init__(self, path):
        self.path = Path(path)
        self.place = self.path.with_name(f".{self.path.name}.{uuid4().hex}.part")
        with storing(self.path):
            self.path.parent.mkdir(parents=True, exist_ok=True)

    def keep(self):
        """Move it, written and closed, to its place; from now on it is there, whatever happens."""
        with storing(self.path):
            with open(self.place, "rb+") as file:
                os.fsync(file.fileno())
            os.replace(self.place, self.path)

    def drop(self):
        """Remove what was written, if it was not kept."""
        self.place.unlink(missing_ok=True)


@contextmanager
def storing(path):
    """Turn an OSError of writing into a StorageError that names the file meant."""
    try:
        yield
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error.strerror or error}.",
                           remedy="Make room, or name a file in a folder that can be written.") from error
