"""Predictions on their way to the database: first they are a file, so that nothing is lost with the process.

A file appears whole under its name and is deleted once the database has its rows; whatever finds a file may write it,
because writing an entry twice changes nothing. Where no file can be written, entries wait in memory.
"""

import itertools
import json
import logging
import os
import threading
import time
from collections import deque
from pathlib import Path

import orjson

from headgate.database import hold_open
from headgate.errors import StorageError
from headgate.prediction_log import write_entries

log = logging.getLogger("headgate.api.log")
PATIENCE = (0.5, 1, 2, 5)       # seconds between attempts while the database is away
ORPHAN_SECONDS = 10
SUFFIX, SCRATCH, ASIDE = ".jsonl", ".part", ".broken"


class Spool:
    """Takes entries and brings them to the database in a thread of its own.

    folder : of the files. memory, disk : bytes that may wait in each.
    """

    def __init__(self, workspace, metrics, *, memory, disk):
        self.workspace, self.metrics = workspace, metrics
        self.folder, self.memory, self.disk = workspace.home / "spool", memory, disk
        self._waiting, self._held, self._rows = deque(), 0, 0
        self._name = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._count, self._new, self._over = itertools.count(), threading.Event(), False
        self._trouble, self._swept, self._used, self._open = "", 0.0, 0, None
        self._thread = threading.Thread(target=self._run, name="log writer", daemon=True)

    def start(self):
        self._thread.start()

    def put(self, entries):
        """Take entries; they are safe from the end of this process when this returns."""
        data = b"\n".join(orjson.dumps(entry) for entry in entries)
        path, rows = self._write(data), sum(entry["rows"] for entry in entries)
        if path is None and self._held + len(data) > self.memory:
            self.metrics.log_rows.labels("dropped").inc(rows)
            log.error("%d predictions were not logged: neither disk nor memory has room for them", rows)
            return
        held = self._held + len(data) <= self.memory
        self._waiting.append((path, entries if held else None, len(data) if held else 0, rows))
        self._held += len(data) if held else 0
        self._rows += rows
        self._measure()
        self._new.set()

    def close(self, seconds):
        """Try for `seconds` to bring everything to the database; what is left stays in the files."""
        until = time.monotonic() + seconds
        while self._waiting and not self._trouble and time.monotonic() < until:
            time.sleep(0.02)
        self._over = True
        self._new.set()
        self._thread.join(max(0.1, until - time.monotonic()))
        if self._waiting:
            log.warning("%d predictions wait in %s for the next start", self._rows, self.folder)

    @property
    def trouble(self):
        """Why the database does not take predictions at the moment, or ""."""
        return self._trouble

    def _run(self):
        attempts = 0
        while not self._over:
            try:
                self._adopt()
                while self._waiting and not self._over:
                    self._bring()
                    attempts = 0
                self._recovered()
                self._new.wait(1.0)
                self._new.clear()
            except StorageError as error:
                self._failed(error)
                self._let_go()
                attempts = min(attempts + 1, len(PATIENCE))
                time.sleep(PATIENCE[attempts - 1])
            except Exception:
                log.exception("writing predictions to the database failed")
                self._trouble = "Writing predictions failed; the log of the service says more."
                time.sleep(PATIENCE[-1])
        self._let_go()

    def _let_go(self):
        if self._open:
            self._open.close()
        self._open = None

    def _bring(self):
        if self._open is None:
            self._open = hold_open(self.workspace) or False
        path, entries, size, rows = self._waiting[0]
        try:
            entries = _read(path) if entries is None else entries
            write_entries(self.workspace, entries)
        except StorageError:
            raise
        except Exception:       # whatever is wrong with it, what comes behind it must not wait for ever
            log.exception("%s cannot be written to the database and is put aside", path)
            path, entries = _put_aside(path), []
            self.metrics.log_rows.labels("dropped").inc(rows)
        self._waiting.popleft()
        self._held, self._rows = self._held - size, self._rows - rows
        if path is not None:
            self._used -= _delete(path)
        self.metrics.log_rows.labels("written").inc(sum(entry["rows"] for entry in entries))
        self._measure()

    def _adopt(self):
        """Take over files that a process left behind when it ended."""
        if time.monotonic() - self._swept < ORPHAN_SECONDS and self._swept:
            return
        self._swept = time.monotonic()
        found = _files(self.folder)
        self._used = sum(map(_size, found))
        mine = {path for path, *_ in list(self._waiting)}
        for path in found:
            if path not in mine and (_age(path) > ORPHAN_SECONDS or not _alive(path)):
                self._waiting.append((path, None, 0, 0))
        for path in self.folder.glob(f"*{SCRATCH}"):
            if not _alive(path):
                path.unlink(missing_ok=True)

    def _write(self, data):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._used + len(data) > self.disk:
                return None
            path = self.folder / f"{time.time_ns():020d}-{self._name}-{next(self._count)}{SUFFIX}"
            scratch = path.with_suffix(SCRATCH)
            scratch.write_bytes(data)
            os.replace(scratch, path)
            self._used += len(data)
            return path
        except OSError as error:
            self._failed(error)
            return None

    def _failed(self, error):
        if not self._trouble:
            log.error("predictions wait: %s", error)
        self._trouble = str(error)

    def _recovered(self):
        if self._trouble and not self._waiting:
            log.info("the predictions that waited are in the database")
            self._trouble = ""

    def _measure(self):
        self.metrics.log_waiting.set(max(0, self._rows))
        self.metrics.log_spooled.set(max(0, self._used))


def _read(path):
    try:
        return [json.loads(line) for line in Path(path).read_bytes().splitlines()]
    except FileNotFoundError:
        return []       # another worker was first


def _files(folder):
    """Return the files that wait, oldest first."""
    return sorted(path for path in folder.glob(f"*{SUFFIX}") if path.is_file())


def _put_aside(path):
    """Rename a file, if there is one, so that a person can look at it; returns None, for nothing is left to delete."""
    if path is not None and path.exists():
        os.replace(path, path.with_suffix(ASIDE))


def _delete(path):
    """Delete a file and return its size."""
    size = _size(path)
    path.unlink(missing_ok=True)
    return size


def _size(path):
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _age(path):
    try:
        return time.time() - path.stat().st_mtime
    except OSError:
        return 0.0


def _alive(path):
    """True if the process that wrote the file is still there; on another host nobody can tell, so its age decides."""
    try:
        os.kill(int(path.name.split("-")[1]), 0)
        return True
    except (ProcessLookupError, ValueError, IndexError):
        return False
    except PermissionError:
        return True
