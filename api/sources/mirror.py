"""A registry behind an MLflow server, or in a database other than SQLite.

Talking to it takes MLflow, which takes 200 MB and two seconds to import. So one process beside the workers of a state
directory follows the registry, brings bundles into `home`/cache, and writes down who serves; workers read that file.
When the registry is away, they go on with what was written last, even after a restart.
"""

import hashlib
import json
import subprocess
import sys
import time
from pathlib import Path

from filelock import FileLock, Timeout

from api.sources.registry import RegistrySource
from api.sources.wanted import CHAMPION, Listing, Wanted
from headgate.errors import RegistryError

FIRST_SECONDS, HURRY_SECONDS, LEAVE_SECONDS = 30, 15, 2


class MirrorSource(RegistrySource):
    """Reads what the following process wrote, and starts that process where none is."""

    def __init__(self, workspace, poll_seconds, alias=CHAMPION):
        super().__init__(workspace, alias)
        self.poll_seconds, self._process = poll_seconds, None
        self.path = mirror_file(workspace, alias)
        self._lock = FileLock(self.path.with_suffix(".lock"))

    def listing(self):
        """Return the Listing, with `trouble` when it is not fresh; raise RegistryError before the first one."""
        self._follow()
        document = self._read()
        until = time.monotonic() + FIRST_SECONDS
        while document is None and time.monotonic() < until:
            time.sleep(0.05)
            document = self._read()
        if document is None:
            raise RegistryError("The registry has not been read yet.", value=self.describe()["place"])
        wanted = tuple(Wanted(one["model"], one.get("role", CHAMPION), one["version"], Path(one["folder"]),
                              one["digest"]) for one in document["wanted"])
        if document["trouble"] and not wanted:
            raise RegistryError(document["trouble"])
        return Listing(wanted, None, document["trouble"])

    def hurry(self):
        """Have the registry read now, where the following process is this worker's own."""
        before, until = self._stamp(), time.monotonic() + HURRY_SECONDS
        if self._process is None or self._process.poll() is not None:
            return
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        while self._stamp() == before and time.monotonic() < until:
            time.sleep(0.02)

    def close(self):
        """End the following process, if it is this worker's."""
        if self._process is not None:
            self._process.stdin.close()
            try:
                self._process.wait(timeout=LEAVE_SECONDS)
            except subprocess.TimeoutExpired:       # a registry that does not answer holds it up
                self._process.kill()
                self._process.wait()
            self._process = None

    def _follow(self):
        if self._process is not None and self._process.poll() is None:
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout:
            return
        self._process = subprocess.Popen([sys.executable, "-m", "api.sources.follow", str(self.poll_seconds),
                                          self.alias], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def _read(self):
        try:
            return json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None

    def _stamp(self):
        try:
            return self.path.stat().st_mtime_ns
        except OSError:
            return 0


def mirror_file(workspace, alias=CHAMPION):
    """Return the file in which the bearers of `alias` in the workspace's registry are written down."""
    named = workspace.tracking_uri if alias == CHAMPION else f"{workspace.tracking_uri} {alias}"
    name = hashlib.sha256(named.encode()).hexdigest()[:16]
    return workspace.home / "serving" / f"{name}.json"
