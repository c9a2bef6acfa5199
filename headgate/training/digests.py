"""Digests of code, so that a step runs again when its own code changed and not otherwise."""

import hashlib
import json
import platform
from functools import cache
from pathlib import Path

import headgate

CHECKOUT = Path(headgate.__file__).parents[1]
STEPS = {
    "read": ("tasks/table.py", "headgate/data", "headgate/spec/sources.py"),
    "validate": ("tasks/table.py", "headgate/data", "headgate/validation", "headgate/report/page.py",
                 "headgate/report/templates"),
    "snapshot": ("tasks/table.py", "headgate/data"),
    "score": ("tasks/candidates.py", "headgate/data", "headgate/learning", "headgate/training/table.py",
              "headgate/training/score.py"),
    "fit": ("tasks/candidates.py", "headgate/data", "headgate/learning", "headgate/graph",
            "headgate/training/table.py", "headgate/training/fit.py", "headgate/training/golden.py"),
    "all": ("flows", "tasks", "headgate"),
}


def digest_of(value):
    """SHA-256 of a JSON-able value, independent of the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@cache
def code_digest(step):
    """SHA-256 of the source files behind `step`, the Python version and the lock."""
    total = hashlib.sha256(platform.python_version().encode())
    for place in STEPS[step]:
        for path in _files(CHECKOUT / place):
            total.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes())
    total.update(lock_digest().encode())
    return total.hexdigest()


@cache
def lock_digest():
    """SHA-256 of requirements.txt beside the package, or of nothing where there is none."""
    lock = CHECKOUT / "requirements.txt"
    return hashlib.sha256(lock.read_bytes() if lock.is_file() else b"").hexdigest()


def features_digest(folder):
    """SHA-256 of the model's features.py, or None without one."""
    path = Path(folder) / "features.py"
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _files(place):
    if place.is_file():
        return [place]
    return sorted(path for path in place.rglob("*") if path.suffix in (".py", ".html", ".mako"))
