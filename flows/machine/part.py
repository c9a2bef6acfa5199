"""One part of the machine: what it is, and the process that it is right now."""

import logging
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Callable

import flows
from flows.machine import processes

CHECKOUT = Path(flows.__file__).resolve().parents[1]
LOG_BYTES, LOG_FILES = 5_000_000, 3
LAST_LINES = 12
STEADY = 60.0               # a part that ran so long had not failed
LONGEST = 60.0


@dataclass(frozen=True)
class Part:
    """words : module and its arguments. answers : True once it does its work. grace : seconds it may take to end.

    address : what a person opens, or ""; environment : over this process's own. again : called before it is started
    another time. What a killed part had started is killed too: a server that went on would keep the port from the next
    one, and a flow run could not say a word any more, for its worker reads what it says.
    """

    name: str
    words: tuple
    answers: Callable
    environment: dict = field(default_factory=dict, hash=False)
    address: str = ""
    grace: float = 10.0
    again: Callable | None = None


class Running:
    """A Part that runs, or waits to be started again."""

    def __init__(self, part, log_folder, environment):
        self.part, self.process, self.due, self.failures, self.ready = part, None, 0.0, 0, False
        self.last = deque(maxlen=LAST_LINES)
        self._environment = {**environment, **part.environment}
        self._family, self._since = set(), 0.0
        log_folder.mkdir(parents=True, exist_ok=True)
        self._log = RotatingFileHandler(log_folder / f"{part.name}.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES,
                                        encoding="utf-8")

    def start(self):
        """Start its process, which ends when this one does."""
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flows.machine.leash", *self.part.words], cwd=CHECKOUT, env=self._environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
            errors="replace", **processes.new_group())
        self._since, self.ready = time.monotonic(), False
        threading.Thread(target=self._keep_log, args=(self.process.stdout,), daemon=True).start()

    def start_again(self):
        """Start its next process."""
        if self.part.again:
            self.part.again()
        self.start()

    def look(self, table):
        """Note what its process has started so far, to find it when the process is gone."""
        if self.process and self.process.poll() is None:
            self._family |= processes.below(self.process.pid, table)
        self._family = {(pid, born) for pid, born in self._family if table.get(pid, (0, None))[1] == born}

    def ended(self):
        """Return how its process ended, once, and set when the next is due; None while it runs or waits."""
        if self.process is None or self.process.poll() is None:
            return None
        code, self.process = self.process.returncode, None
        processes.tell(processes.alive(self._family), signal.SIGTERM if processes.WINDOWS else signal.SIGKILL)
        self.failures = 1 if time.monotonic() - self._since > STEADY else self.failures + 1
        self.due = time.monotonic() + min(LONGEST, 2.0 ** (self.failures - 1))
        return code

    def stop(self):
        """End it with all that it started: asked first, killed after its time of grace."""
        self.look(processes.table())
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.CTRL_BREAK_EVENT if processes.WINDOWS else signal.SIGTERM)
        processes.end(self._family, seconds=self.part.grace)
        if self.process is not None:
            try:
                self.process.wait(self.part.grace)
            except subprocess.TimeoutExpired:
                self.kill()
        self._log.close()

    def kill(self):
        """End it at once."""
        if self.process is not None:
            processes.kill_tree(self.process.pid)
            self.process.wait()
        processes.tell(processes.alive(self._family), signal.SIGTERM if processes.WINDOWS else signal.SIGKILL)

    def _keep_log(self, stream):
        for line in stream:
            self.last.append(line.rstrip())
            self._log.emit(logging.makeLogRecord({"msg": line.rstrip()}))
