"""Run a command and measure it from outside: wall seconds, and the peak memory of its whole process tree."""

import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """seconds : wall time. megabytes : peak of the tree's memory, shared pages counted once (PSS; Linux only)."""

    seconds: float
    megabytes: float
    code: int
    output: str


def run(command, *, environment=None, cwd=ROOT, interval=0.05):
    """Run `command` to its end and return a Run; standard error is kept with the output when it fails."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
                               env={**os.environ, **(environment or {})})
    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done, interval))
    watcher.start()
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    return Run(seconds, peak[0], process.returncode, output + (errors if process.returncode not in (0, 1) else ""))


def python(*arguments, **options):
    """Run this interpreter with `arguments`."""
    return run([sys.executable, *map(str, arguments)], **options)


def median(values):
    """Middle of a few values."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _watch(pid, peak, done, interval):
    while not done.is_set():
        peak[0] = max(peak[0], sum(_megabytes(one) for one in _tree(pid)))
        done.wait(interval)


def _tree(pid):
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        try:
            for task in os.listdir(f"/proc/{one}/task"):
                waiting += map(int, Path(f"/proc/{one}/task/{task}/children").read_text().split())
        except (OSError, ValueError):
            continue
    return found


def _megabytes(pid):
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return 0.0
