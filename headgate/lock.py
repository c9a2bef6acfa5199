"""One lock per model and purpose, held by one process at a time and freed when that process dies."""

import json
import os
import socket
from contextlib import contextmanager
from datetime import datetime, timezone

from filelock import FileLock, Timeout

from headgate.errors import Busy, StorageError

TRAINING = "training"
REGISTRY = "registry"
DEPLOYMENT = "deployment"


@contextmanager
def model_lock(workspace, model, *, purpose=TRAINING, timeout=0):
    """Hold the lock of `model` for `purpose`; the same thread may take it again.

    timeout : seconds to wait for another holder.
    Raises Busy saying who holds it and since when, StorageError when the lock's file cannot be written.
    """
    path = workspace.locks / f"{model}.{purpose}.lock"
    lock = _open(path, timeout)
    try:
        if lock.lock_counter == 1:
            _sign(path)
        yield
    finally:
        lock.release()


def _open(path, timeout):
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path, is_singleton=True)
        lock.acquire(timeout=timeout, poll_interval=0.05)
        return lock
    except Timeout:
        model, purpose = path.name.removesuffix(".lock").rsplit(".", 1)
        raise Busy(f"Another process holds the {purpose} lock of {model!r}.", value=_holder(path),
                   remedy="Wait for it to end, or end it; a lock is freed when its process ends.") from None
    except OSError as error:
        raise StorageError(f"The lock {path} cannot be written: {error.strerror or error}.",
                           remedy="Set HEADGATE_HOME to a writable folder.") from error


def _sign(path):
    since = datetime.now(timezone.utc).isoformat(timespec="seconds")
    signature = {"pid": os.getpid(), "host": socket.gethostname(), "since": since}
    path.with_suffix(".json").write_text(json.dumps(signature), encoding="utf-8")


def _holder(path):
    try:
        signature = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        return f"process {signature['pid']} on {signature['host']} since {signature['since']}"
    except (OSError, ValueError, KeyError):
        return "an unnamed process"
