"""A full or read-only disk, told in one sentence wherever a run met it."""

import errno
import tempfile
from contextlib import contextmanager

from headgate.errors import StorageError

FULL = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EFBIG")}
CLOSED = {getattr(errno, name, None) for name in ("EROFS", "EACCES", "EPERM", "ENOTDIR")}


@contextmanager
def disk_errors(home):
    """Turn an OSError of a disk that is full or not writable into StorageError; any other stays as it is.

    Tries it first, before anything else has begun.
    """
    try:
        _write_something(home)
        yield
    except OSError as error:
        place = error.filename or home
        if error.errno in FULL:
            raise StorageError(f"{place} cannot be written: the disk is full ({error.strerror}).",
                               remedy="Free some space, `python -m headgate prune`, or move HEADGATE_HOME.") from error
        if error.errno in CLOSED:
            raise StorageError(f"{place} cannot be used: {error.strerror}.",
                               remedy="Make it writable, or set HEADGATE_HOME to another folder.") from error
        raise


def _write_something(home):
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=home) as probe:
        probe.write(b"headgate")
