"""Digests of code, so that a step runs again when its own code changed and not otherwise."""

import ast
import hashlib
import json
import platform
from functools import cache
from pathlib import Path

import headgate

CHECKOUT = Path(headgate.__file__).parents[1]
TASKS = {"read": "tasks/table.py", "validate": "tasks/table.py", "snapshot": "tasks/table.py",
         "score": "tasks/candidates.py", "fit": "tasks/candidates.py"}
ENTRIES = {
    "read": ("headgate/data",),
    "validate": ("headgate/data", "headgate/validation", "headgate/report/templates"),
    "snapshot": ("headgate/data",),
    "score": ("headgate/training/score.py", "headgate/training/table.py"),
    "fit": ("headgate/training/fit.py", "headgate/training/table.py"),
}
EVERYTHING = ("flows", "tasks", "headgate")


def digest_of(value):
    """SHA-256 of a JSON-able value, independent of the order of keys."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, default=str).encode()).hexdigest()


@cache
def code_digest(step):
    """SHA-256 of the source files behind `step` ("all" for every one), the Python version and the lock."""
    total = hashlib.sha256(platform.python_version().encode())
    for path in files_behind(step):
        total.update(path.relative_to(CHECKOUT).as_posix().encode() + b"\0" + path.read_bytes())
    total.update(lock_digest().encode())
    return total.hexdigest()


def files_behind(step):
    """Return the paths of the code that `step` may run, sorted: the task, the spec, entries and imports."""
    if step == "all":
        return sorted(path for place in EVERYTHING for path in _files(CHECKOUT / place))
    found, waiting = {CHECKOUT / TASKS[step]}, [CHECKOUT / place for place in ("headgate/spec", *ENTRIES[step])]
    while waiting:
        fresh = set(_files(waiting.pop())) - found
        found |= fresh
        waiting += [place for path in fresh if path.suffix == ".py" for place in _imports(path)]
    return sorted(found)


@cache
def _imports(path):
    """Return the module files and package folders of Headgate that a file imports, anywhere in it."""
    return tuple(place for name in _names(path) for place in _place_of(name))


def _names(path):
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{one.name}" for one in node.names)


def _place_of(name):
    """Yield where `headgate.room.module` is; of a package that is imported itself, the whole folder."""
    parts = name.split(".")
    while parts[0] == "headgate" and len(parts) > 1:
        place = CHECKOUT.joinpath(*parts)
        if place.with_suffix(".py").is_file():
            yield place.with_suffix(".py")
            return
        if place.is_dir():
            yield place
            return
        parts.pop()


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
