"""The files in which predictions wait for the database: one appears whole under its name and is deleted once its rows
are written; whoever finds one may write it, because writing an entry twice changes nothing."""

import os
import time
from contextlib import suppress

SUFFIX, SCRATCH, ASIDE = ".jsonl", ".part", ".broken"


def name_of(process, count):
    """Return the name of a file, by which files sort as they came and tell the process that wrote them."""
    return f"{time.time_ns():020d}-{process}-{count}{SUFFIX}"


def write_whole(path, data):
    """Write bytes so that the file is there whole or not at all. Raises OSError."""
    scratch = path.with_suffix(SCRATCH)
    try:
        scratch.write_bytes(data)
        os.replace(scratch, path)
    except OSError:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)     # a part of it takes room where there is none
        raise


def try_writing(folder, process, size):
    """Write a file of so many bytes and delete it. Raises OSError where that is not possible."""
    path = (folder / name_of(process, "try")).with_suffix(SCRATCH)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        path.write_bytes(bytes(size))
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def delete(path):
    """Delete a file; returns whether this call did. Raises OSError where it cannot be deleted."""
    try:
        path.unlink()
        return True
    except FileNotFoundError:
        return False


def waiting(folder):
    """Return the files that wait, oldest first."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def put_aside(path):
    """Rename a file, if there is one, so that a person can look at it."""
    if path.exists():
        os.replace(path, path.with_suffix(ASIDE))


def sweep_scratch(folder):
    """Delete what processes that have ended began to write."""
    for path in folder.glob(f"*{SCRATCH}"):
        if not alive(path):
            with suppress(OSError):
                path.unlink(missing_ok=True)


def size(path):
    """Return bytes; 0 when the file is gone."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def alive(path):
    """True if the process that wrote the file is still there.

    A process that began after the file was written is another one of the same number, as in a container, where the
    service is 1 again after each start.
    """
    try:
        number = int(path.name.split("-")[1])
        os.kill(number, 0)
        return path.stat().st_mtime >= began(number)
    except (ProcessLookupError, ValueError, IndexError, OverflowError):
        return False
    except (PermissionError, FileNotFoundError):
        return True


def began(number):
    """Return when a process began, in seconds since 1970, or 0 where the system does not tell (it is not Linux)."""
    try:
        with open(f"/proc/{number}/stat", encoding="utf-8") as stream:
            ticks = int(stream.read().rpartition(")")[2].split()[19])       # since the system started
    except OSError:
        return 0.0
    return time.time() - time.clock_gettime(time.CLOCK_BOOTTIME) + ticks / os.sysconf("SC_CLK_TCK")
