"""Processes and what they started, known by number and time of birth, so that nothing else is ever ended."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

PAUSE = 0.05
WINDOWS = sys.platform == "win32"


def new_group():
    """Return the Popen options by which a child does not get the Ctrl-C of its parent's terminal."""
    if WINDOWS:
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def below(pid, processes=None):
    """Return {(pid, born)} of everything that a process started, and they did, without itself."""
    processes = table() if processes is None else processes
    found, waiting = set(), {pid}
    while waiting:
        children = {one for one, (parent, _) in processes.items() if parent in waiting}
        waiting = {one for one in children if (one, processes[one][1]) not in found}
        found |= {(one, processes[one][1]) for one in children}
    return found


def alive(members):
    """Return those of `members` that still run."""
    processes = table() if members else {}
    return {(pid, born) for pid, born in members if pid in processes and processes[pid][1] == born}


def tell(members, number):
    """Send a signal to each of `members`; one that is gone is well."""
    for pid, _ in members:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue


def end(members, *, seconds):
    """Ask `members` to end, wait up to `seconds`, then kill those that are left."""
    tell(members, signal.SIGTERM)
    limit = time.monotonic() + seconds
    while (members := alive(members)) and time.monotonic() < limit:
        time.sleep(PAUSE)
    if not WINDOWS:
        tell(members, signal.SIGKILL)


def kill_tree(pid):
    """Kill a process with all below it at once."""
    if WINDOWS:
        subprocess.run(["taskkill", "/PID", str(pid), "/T", "/F"], capture_output=True, check=False)
        return
    members = below(pid)
    for number in (pid, *(one for one, _ in members)):
        tell({(number, None)}, signal.SIGKILL)


def table():
    """Return {pid: (parent, born)} of what runs, zombies left out; empty on Windows, where taskkill knows trees."""
    if Path("/proc/self/stat").exists():
        return dict(filter(None, map(_of_linux, filter(str.isdigit, os.listdir("/proc")))))
    if WINDOWS:
        return {}
    said = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat=,lstart="], capture_output=True, text=True, check=False)
    rows = [line.split(None, 3) for line in said.stdout.splitlines()]
    return {int(pid): (int(parent), born.strip()) for pid, parent, state, born in rows if state[0] != "Z"}


def _of_linux(pid):
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    return (int(pid), (int(fields[1]), fields[19])) if fields and fields[0] not in "ZX" else None
