"""The writer of the prediction log in a process of its own, so that it takes nothing from those who wait for answers.

    python -m api.behind.scribe     what the service starts; it reads pages from standard input and tells what
                                    happened on standard output, and ends when its input does
"""

import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue

from api.behind.writer import Page, Writer
from headgate.database import mark_of
from headgate.workspace import Workspace

log = logging.getLogger("headgate.api.log")
CHECKOUT = Path(__file__).resolve().parents[2]
NICENESS = 10                   # those who answer come first
# Signals of a terminal are for the service. It is no session of its own: Linux shares processors among sessions first,
# so that niceness would count for nothing.
APART = {"process_group": 0} if os.name == "posix" else {}
PATIENCE = (0.5, 1, 2, 5)       # seconds before it is started again when it ends by itself
LIVES = 30                      # seconds after which its end counts as the first one
ENDED = "The process that writes predictions to the database ended ({code}); it is started again."


class Scribe:
    """Starts the process, sends it pages, and starts it again should it end.

    told : see Writer. pages : returns the pages that are not done with, which a new process is sent again.
    """

    def __init__(self, workspace, told, name, pages):
        self.workspace, self.told, self.name, self.pages = workspace, told, name, pages
        self._process, self._queue, self._changing, self._over = None, None, threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="log scribe", daemon=True)

    def start(self):
        self._thread.start()

    def send(self, page):
        """Send a page, without waiting; one that does not arrive is sent again to the next process."""
        with self._changing:
            if self._queue is not None:
                self._queue.put(page)

    def close(self, seconds):
        """Let the process end within `seconds`."""
        self._over.set()
        with self._changing:
            process = self._process
            if self._queue is not None:
                self._queue.put(None)
        if process is not None:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
        self._thread.join(1)

    def _run(self):
        deaths = 0
        while not self._over.is_set():
            began = time.monotonic()
            code = self._one_life()
            if self._over.is_set():
                return
            deaths = 1 if time.monotonic() - began > LIVES else deaths + 1
            log.error("the process that writes predictions ended with %s", code)
            self.told({"trouble": ENDED.format(code=code), "ended": True})
            self._over.wait(PATIENCE[min(deaths, len(PATIENCE)) - 1])

    def _one_life(self):
        """Start a process, hear what it tells until it ends, and return its exit code."""
        try:
            process = self._started()
        except OSError as error:
            return str(error)
        queue = SimpleQueue()
        threading.Thread(target=_feed, args=(process, queue), name="log pages", daemon=True).start()
        with self._changing:
            for page in self.pages():
                queue.put(page)
            self._process, self._queue = process, queue
        if self._over.is_set():
            queue.put(None)
        for line in process.stdout:
            self._heard(line)
        with self._changing:
            self._process = self._queue = None
        queue.put(None)
        return process.wait()

    def _heard(self, line):
        try:
            self.told(json.loads(line))
        except Exception:
            log.exception("the process that writes predictions told what nobody understands")

    def _started(self):
        environment = {**os.environ, "HEADGATE_HOME": str(self.workspace.home), "HEADGATE_DATABASE_URL":
                       self.workspace.database_url, "PYTHONPATH": os.pathsep.join(
                           filter(None, (str(CHECKOUT), os.environ.get("PYTHONPATH"))))}
        words = (sys.executable, "-P", "-m", "api.behind.scribe", self.name, mark_of(self.workspace))
        return subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **APART)


def _feed(process, queue):
    """Write pages to a process until there is None; a process that does not read holds up nobody else."""
    while (page := queue.get()) is not None:
        head = {"number": page.number, "rows": page.rows, "path": page.path, "size": len(page.data)}
        with suppress(OSError, ValueError):     # it has ended: the one that is started next is sent every page
            process.stdin.write(json.dumps(head).encode() + b"\n" + page.data)
            process.stdin.flush()
    with suppress(OSError):
        process.stdin.close()


def main():
    """Write the pages that come over standard input until it ends, then what is left of them."""
    from api.logs import set_up
    from headgate.database import pin
    for name in (signal.SIGINT, signal.SIGTERM):    # meant for the service, which ends this process in good order
        signal.signal(name, signal.SIG_IGN)
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    set_up(os.environ.get("HEADGATE_LOG_LEVEL") or "info")
    _tell({"trouble": ""})
    workspace = Workspace.from_environment()
    pin(workspace, *sys.argv[2:])
    writer = Writer(workspace, _tell, sys.argv[1])
    threading.Thread(target=_read, args=(writer,), daemon=True).start()
    writer.run()


def _read(writer):
    source = sys.stdin.buffer
    try:
        for line in iter(source.readline, b""):
            head = json.loads(line)
            writer.add(Page(head["number"], head["rows"], head["path"], source.read(head["size"])))
    finally:        # whatever came, perhaps half a line of a service that was killed
        writer.finish()


def _tell(news):
    try:
        sys.stdout.write(json.dumps(news) + "\n")
        sys.stdout.flush()
    except OSError:     # nobody listens any more; what is in the files is written all the same
        pass


if __name__ == "__main__":
    main()
    os._exit(0)     # the thread that reads may still wait in its read
