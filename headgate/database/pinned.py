"""SQLite files that a service keeps to: one that goes away is not made anew, nor is another used in its place."""

import os
import stat

import sqlalchemy

from headgate.errors import StorageError

_pinned = {}    # path -> (device, inode) of the file, or None until it is there


def pin(workspace, mark=""):
    """From now on keep to the file at the workspace's SQLite URL: the one that is there, or the first that comes.

    mark : as of `mark_of` in another process; then to the file that that one keeps to.
    """
    path = _path(workspace)
    if path:
        _pinned.setdefault(path, tuple(map(int, mark.split(":"))) if mark else None)
        _notice(path)


def mark_of(workspace):
    """Return the file that is kept to as a text for `pin`, or ""."""
    return ":".join(map(str, _pinned.get(_path(workspace)) or ()))


def unpin(workspace):
    """Let another file come to be in its place again."""
    _pinned.pop(_path(workspace), None)


def gone(workspace):
    """Return why the file that is kept to cannot be used, or ""."""
    try:
        check_pinned(_path(workspace))
    except StorageError as error:
        return str(error)
    return ""


def check_pinned(path):
    """Raise StorageError when the file that was there is gone, or another is in its place; return whether it is there.

    path : of an SQLite database.
    """
    before = _pinned.get(path)
    if before is None:
        return False
    now = _identity(path)
    if now == before:
        return True
    raise StorageError(f"The database {path} is gone: the file was there, and a new one would begin without its rows."
                       if now is None else f"The database {path} is another file than the one that was there.",
                       remedy="Put the earlier file back, or start the service again to go on with "
                              + ("a new one." if now is None else "this one."))


def note_pinned(path):
    """Remember the file of a database that was opened, where it is kept to."""
    if path in _pinned:
        _notice(path)


def _notice(path):
    if _pinned[path] is None:
        _pinned[path] = _identity(path)


def _identity(path):
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISREG(found.st_mode) else None


def _path(workspace):
    try:
        url = sqlalchemy.make_url(workspace.database_url)
    except sqlalchemy.exc.ArgumentError:    # it is told where it is used
        return None
    return url.database if url.get_backend_name() == "sqlite" else None
