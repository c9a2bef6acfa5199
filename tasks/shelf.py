"""Frames kept between steps of one process, so that a step need not read again what the one before it read.

A task passes on a small value that names a frame; whoever runs in the same process finds the frame here, and whoever
does not builds it again from its source. Nothing is kept once it is taken off.
"""

import threading
from contextlib import contextmanager

_frames = {}
_locks = {}
_guard = threading.Lock()


def get(key, build):
    """Return the frame called `key`, built by `build()` by the first who asks; others wait for it."""
    with _guard:
        lock = _locks.setdefault(key, threading.Lock())
    with lock:
        if key not in _frames:
            _frames[key] = build()
        return _frames[key]


def drop(*keys):
    """Forget frames, so that their memory is free."""
    with _guard:
        for key in keys:
            _frames.pop(key, None)
            _locks.pop(key, None)


@contextmanager
def cleared():
    """Forget every frame at the end of the block, however it ends."""
    try:
        yield
    finally:
        drop(*list(_frames))
