"""Run a command and measure it from outside: wall and processor seconds, and the peak memory of its process tree."""

import os
import resource
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Run:
    """One command.

    seconds : wall time. processor : seconds of processor time of the whole tree; right only while one command is
    measured at a time. megabytes : peak of the tree's memory, shared pages counted once (PSS; Linux only).
    alone : peak of the command's own process, its children left out. errors : standard error.
    """

    seconds: float
    megabytes: float
    code: int
    output: str
    processor: float = 0.0
    alone: float = 0.0
    errors: str = ""


def run(command, *, environment=None, cwd=ROOT, interval=0.1):
    """Run `command` to its end and return a Run; standard error is kept with the output when it fails."""
    before, started = _processor(), time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=cwd,
                               env={**os.environ, **(environment or {})})
    peak, done = {"tree": 0.0, "alone": 0.0}, threading.Event()
    watcher = threading.Thread(target=_watch, args=(process.pid, peak, done, interval))
    watcher.start()
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    done.set()
    watcher.join()
    return Run(seconds, peak["tree"], process.returncode, output + (errors if process.returncode not in (0, 1) else ""),
               _processor() - before, peak["alone"], errors)


def python(*arguments, **options):
    """Run this interpreter with `arguments`."""
    return run([sys.executable, *map(str, arguments)], **options)


def median(values):
    """Middle of a few values."""
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _processor():
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def _watch(pid, peak, done, interval):
    while not done.is_set():
        sizes = [megabytes(one) for one in tree(pid)]
        peak["alone"] = max(peak["alone"], sizes[0])
        peak["tree"] = max(peak["tree"], sum(sizes))
        done.wait(interval)


def tree(pid):
    """Return the process and all that it started and they did, as ids."""
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


def megabytes(pid):
    """Return the memory of one process, shared pages divided among those who share them (PSS; Linux only)."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except (OSError, ValueError):
        pass
    return 0.0
