"""Predictions on their way to the database: first they are a file, so that nothing is lost with the process.

What brings them there is a Writer, in a process of its own (Scribe) or in a thread of this one (Beside). Where no file
can be written, entries wait in memory.
"""

import itertools
import logging
import os
import threading
import time
from contextlib import suppress

from api.behind import files
from api.behind.beside import Beside
from api.behind.scribe import Scribe
from api.behind.writer import Page
from headgate.database import gone, pin

log = logging.getLogger("headgate.api.log")
LOOK_SECONDS = 10
TRY_SECONDS = 1.0       # between attempts to write a file where none could be written
TRY_BYTES = 65_536
SILENT_SECONDS = 60     # after which a writer that gets nothing done is told of
SILENT = "The process that writes predictions to the database has done nothing for a minute; they wait."


class Spool:
    """Takes lines of the log and knows how many of them are not yet in the database.

    memory, disk : bytes that may wait in each. apart : the writer is a process of its own.
    """

    def __init__(self, workspace, metrics, *, memory, disk, apart):
        self.metrics, self.folder, self.memory, self.disk = metrics, workspace.home / "spool", memory, disk
        self._name = f"{os.getpid()}-{os.urandom(4).hex()}"
        self._count, self._changing = itertools.count(), threading.Lock()
        self._waiting, self._rows, self._held, self._files = {}, 0, 0, 0
        self._others, self._looked, self._trouble = 0, None, ""
        self._unwritable, self._tried, self._moved = "", 0.0, 0.0
        self.workspace, self._ended = workspace, False
        self.writer = (Scribe if apart else Beside)(workspace, self._told, self._name, self._pages)

    def start(self):
        self.writer.start()

    def put(self, lines, rows):
        """Take lines made by Entries; they are safe from the end of this process when this returns."""
        data, number = b"\n".join(lines), next(self._count)
        path = self._file(data, number)
        if path is None and self._held + len(data) > self.memory:
            self.metrics.log_rows.labels("dropped").inc(rows)
            log.error("%d predictions were not logged: neither disk nor memory has room for them", rows)
            return
        page = Page(number, rows, str(path)) if path else Page(number, rows, data=data)
        with self._changing:
            self._waiting[number] = page, len(data), time.monotonic()
            self._weigh(page, len(data), 1)
        self._measure()
        self.writer.send(page)

    def look(self):
        """Measure what waits, also when nothing comes any more: other processes write and end."""
        with suppress(OSError):
            self._used()
            self._try_again()
        pin(self.workspace)     # it may have come to be by now
        self._measure()

    def close(self, seconds):
        """Try for `seconds` to bring everything to the database; what is left stays in the files."""
        until = time.monotonic() + seconds
        self._await(until)
        self.writer.close(max(0.1, until - time.monotonic()))
        if self._waiting and self._ended:       # nobody is there to write: this process does it before it ends
            last = Beside(self.workspace, self._told, self._name, self._pages)
            for page in self._pages():
                last.send(page)
            self._trouble = ""
            last.start()
            self._await(until)
            last.close(max(0.1, until - time.monotonic()))
        self._tell_what_is_left()

    def _await(self, until):
        while self._waiting and not self._trouble and time.monotonic() < until:
            time.sleep(0.02)

    def _tell_what_is_left(self):
        left = self._pages()
        kept, lost = (sum(page.rows for page in left if bool(page.path) is there) for there in (True, False))
        if kept:
            log.warning("%d predictions wait in %s for the next start", kept, self.folder)
        if lost:
            self.metrics.log_rows.labels("dropped").inc(lost)
            log.error("%d predictions were not logged: no file would take them, and the database did not", lost)

    @property
    def trouble(self):
        """Why predictions do not reach the database at the moment, or ""."""
        return self._trouble or self._unwritable or gone(self.workspace) or self._silence()

    def _silence(self):
        with self._changing:
            oldest = next(iter(self._waiting.values()), None)
        return SILENT if oldest and time.monotonic() - max(oldest[2], self._moved) > SILENT_SECONDS else ""

    def _pages(self):
        """Return the pages that are not yet in the database, oldest first."""
        with self._changing:
            return [page for page, *_ in self._waiting.values()]

    def _told(self, news):
        if "trouble" not in news:
            self._moved = time.monotonic()
        if "trouble" in news:
            self._trouble, self._ended = news["trouble"], news.get("ended", False)
        elif "adopted" in news:
            self.metrics.log_rows.labels("written").inc(news["adopted"])
            self.metrics.log_rows.labels("dropped").inc(news.get("lost", 0))
        else:
            self._done(news)

    def _done(self, news):
        with self._changing:
            found = self._waiting.pop(news["number"], None)     # a writer that was started again may say it twice
            if found is None:
                return
            self._weigh(*found[:2], -1)
        self.metrics.log_rows.labels("dropped" if news["dropped"] else "written").inc(found[0].rows)
        self._measure()

    def _weigh(self, page, size, sign):
        self._rows += sign * page.rows
        if page.path:
            self._files += sign * size
        else:
            self._held += sign * size

    def _file(self, data, number):
        """Return the path of a new file, or None when there is no room or it cannot be written."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if self._used() + len(data) > self.disk:
                return None
            path = self.folder / files.name_of(self._name, number)
            files.write_whole(path, data)
            self._unwritable = ""
            return path
        except OSError as error:
            if not self._unwritable:
                log.error("predictions wait in memory: %s", error)
            self._unwritable = str(error)
            return None

    def _try_again(self):
        """Find out whether files can be written again; otherwise only the next prediction would."""
        if self._unwritable and time.monotonic() - self._tried > TRY_SECONDS:
            self._tried = time.monotonic()
            files.try_writing(self.folder, self._name, TRY_BYTES)
            self._unwritable = ""

    def _used(self):
        """Return the bytes of all files that wait; those of other processes as they were a few seconds ago."""
        if self._looked is None or time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked = time.monotonic()
            self._others = sum(files.size(path) for path in files.waiting(self.folder)
                               if f"-{self._name}-" not in path.name)
        return self._files + self._others

    def _measure(self):
        self.metrics.log_waiting.set(self._rows)
        self.metrics.log_spooled.set(self._files + self._others)
