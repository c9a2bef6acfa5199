"""Start a server as a process of its own, wait until it answers, ask it one thing, end it."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from benchmarks.measure import ROOT, tree

START_SECONDS, STOP_SECONDS, SETTLE_SECONDS = 90, 10, 60
IDLE, LOOK = 0.1, 0.2        # of a processor, over so many seconds


class NotStarted(Exception):
    """A server ended, or did not answer in time; the message holds the end of its log."""


@dataclass
class Running:
    """A process that serves: its base URL, its log, and when it was started (time.perf_counter)."""

    process: subprocess.Popen
    url: str
    log: Path
    started: float
    headers: tuple = ()

    def end_of_log(self):
        """Return the last of what it printed."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-2000:]

    def stop(self):
        """End it and everything that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def start(command, *, port, log, environment=None, ready="/ready", wait=True):
    """Start `command` with its output in the file `log` and return Running once `ready` answers 200.

    Raises NotStarted.
    """
    with open(log, "wb") as output:
        started = time.perf_counter()
        process = subprocess.Popen([*map(str, command)], stdout=output, stderr=output, cwd=ROOT,
                                   start_new_session=True, env={**os.environ, **(environment or {})})
    running = Running(process, f"http://127.0.0.1:{port}", log, started)
    if wait:
        wait_ready(running, ready)
    return running


def wait_ready(running, ready, interval=0.05):
    """Return when GET `ready` answers 200; raise NotStarted, having ended the process."""
    limit = time.monotonic() + START_SECONDS
    while time.monotonic() < limit and running.process.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            if urllib.request.urlopen(running.url + ready, timeout=5).status == 200:
                return
        time.sleep(interval)
    running.stop()
    raise NotStarted(f"it ended or did not answer {ready} within {START_SECONDS} s:\n{running.end_of_log()}")


def settle(running):
    """Wait until the server has done what a load left behind, and return the seconds that took.

    That is requests of connections that are gone, and a log that is written behind the answers.
    """
    started = time.monotonic()
    limit = started + SETTLE_SECONDS
    before = processor_seconds(running.process.pid)
    while time.monotonic() < limit:
        time.sleep(LOOK)
        after = processor_seconds(running.process.pid)
        if after - before < IDLE * LOOK:
            break
        before = after
    return time.monotonic() - started


def processor_seconds(pid):
    """Return what the living processes of a tree have used of the processors so far."""
    ticks = 0
    for one in tree(pid):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def ask(url, body, headers=(), timeout=60):
    """POST `body` as JSON and return the parsed answer; raise OSError when it is refused."""
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json",
                                                                      **dict(headers)})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise OSError(f"{url} answered {error.code}: {error.read()[:500].decode(errors='replace')}") from None


def free_port():
    """Return a port that nothing listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
