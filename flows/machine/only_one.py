"""One machine per state directory: who comes second is told who is there."""

import json
import os
import socket
from contextlib import contextmanager
from datetime import datetime, timezone

from filelock import FileLock, Timeout

from headgate.errors import Busy
from headgate.training.record import write_json


@contextmanager
def only_one(workspace, addresses):
    """Hold the lock of the machine on this state directory.

    addresses : name -> URL, told to whoever comes second. Raises Busy when another machine runs.
    """
    workspace.locks.mkdir(parents=True, exist_ok=True)
    lock, path = FileLock(workspace.locks / "up.lock"), workspace.locks / "up.json"
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise Busy(f"A machine runs on {workspace.home} already.", value=_who(path),
                   remedy="Use that one, stop it with Ctrl-C or by its process number, or name another state directory "
                          "and other ports.") from None
    try:
        write_json(path, {"pid": os.getpid(), "host": socket.gethostname(), "addresses": addresses,
                          "since": datetime.now(timezone.utc).isoformat(timespec="seconds")})
        yield
    finally:
        path.unlink(missing_ok=True)
        lock.release()


def _who(path):
    try:
        one = json.loads(path.read_text(encoding="utf-8"))
        places = ", ".join(f"{name} {url}" for name, url in one["addresses"].items())
        return f"process {one['pid']} on {one['host']} since {one['since']}: {places}"
    except (OSError, ValueError, KeyError):
        return "an unnamed process"
