"""Brings pages of the prediction log to the database, one after another, for as long as that takes."""

import logging
import threading
import time
from collections import deque
from itertools import accumulate, chain
from pathlib import Path
from typing import NamedTuple

from api.behind import files
from headgate.errors import StorageError, Unstorable

log = logging.getLogger("headgate.api.log")
PATIENCE = (0.5, 1, 2, 5)       # seconds between attempts while the database is away
SWEEP_SECONDS = 10
LOOK_SECONDS = 1.0
LAST_SECONDS = 30               # for what is left when nobody sends pages any more
REST, LONGEST_REST = 20, 0.75   # times as long as it wrote it rests, and at most so many seconds: fewer transactions
BREATH = 0.05                   # take less of the processors that answer
PLENTY = 10_000                 # rows that end a rest, and that fill one transaction
UNKNOWN = "Writing predictions failed; the log of the service says more."


class Page(NamedTuple):
    """Entries of a short while: in a file (path), or in memory (data) where no file can be written."""

    number: int
    rows: int
    path: str = ""
    data: bytes = b""


class Writer:
    """Takes pages from any thread; `run` writes them, in a thread or a process of its own.

    told : called with what happened, dicts: {"number", "dropped"} when a page is done with, {"adopted": rows, "lost":
    lines} for files of processes that have ended, {"trouble": why the database takes nothing, or ""}. name : in the
    names of the files that come as pages; they are nobody else's until `finish`.
    """

    def __init__(self, workspace, told, name):
        self.workspace, self.folder, self.told, self.name = workspace, workspace.home / "spool", told, name
        self._undeletable = set()
        self._waiting, self._new, self._ending = deque(), threading.Event(), threading.Event()
        self._left, self._over = None, False
        self._trouble, self._swept, self._open = "", None, None

    def add(self, page):
        """Take a page."""
        self._waiting.append(page)
        self._new.set()

    def finish(self):
        """Nobody sends pages any more: `run` ends when all are written, or cannot be."""
        self._left = time.monotonic() + LAST_SECONDS
        self._swept = None      # whoever sent them may have ended, so that its files are anybody's now
        self._trouble = ""      # one more attempt
        self._ending.set()
        self._new.set()

    def stop(self):
        """Let `run` end after the page that it is at."""
        self._over = True
        self._ending.set()
        self._new.set()

    def run(self):
        """Write until told to end."""
        attempts = 0
        while not self._done():
            try:
                self._once()
                attempts = 0
            except StorageError as error:
                attempts = min(attempts + 1, len(PATIENCE))
                self._failed(str(error), PATIENCE[attempts - 1])
            except Exception:
                log.exception("writing predictions to the database failed")
                self._failed(UNKNOWN, PATIENCE[-1])
        self._let_go()

    def _done(self):
        if self._left is None or self._over:
            return self._over
        nothing = not self._waiting and self._swept is not None
        return nothing or bool(self._trouble) or self._late()

    def _late(self):
        return self._left is not None and time.monotonic() > self._left

    def _once(self):
        self._new.clear()
        self._adopt()
        while self._waiting and not self._over and not self._late():
            began = time.monotonic()
            self._bring(self._share())
            self._adopt()       # also while more comes all the time
            if self._trouble:
                log.info("the database takes predictions again")
                self._tell_trouble("")
            self._rest(time.monotonic() - began)
        if self._trouble and not self._waiting:
            self._tell_trouble("")
        if not self._done():
            self._new.wait(LOOK_SECONDS)

    def _share(self):
        """Return the pages of the next transaction."""
        rows = accumulate(page.rows or PLENTY for page in list(self._waiting))
        return [page for page, until in zip(self._waiting, rows) if until <= PLENTY] or [self._waiting[0]]

    def _rest(self, wrote):
        """Let those who answer have the processor, unless much waits or there is no time to lose."""
        until = time.monotonic() + min(LONGEST_REST, REST * wrote)
        while not self._ending.is_set() and sum(page.rows or PLENTY for page in list(self._waiting)) < PLENTY:
            left = until - time.monotonic()
            if left <= 0:
                return
            self._ending.wait(min(left, BREATH))

    def _bring(self, pages):
        """Write the first of those that wait, in one transaction; or each alone when that one cannot be."""
        from headgate.database import hold_open
        if self._open is None:
            self._open = hold_open(self.workspace) or False
        try:
            written = self._write(pages)
        except Exception as error:      # whatever is wrong with it, what comes behind it must not wait for ever
            if isinstance(error, StorageError) and not isinstance(error, Unstorable):
                raise
            if len(pages) == 1:
                self._put_aside(pages[0])
            else:
                for page in pages:
                    self._bring([page])
        else:
            for page, rows in zip(pages, written):
                self._finished(page, written=rows if self._clear(page, files.delete) else 0)

    def _put_aside(self, page):
        log.exception("%s cannot be written to the database and is put aside", page.path or "a page")
        lost = _number_of_lines(page)       # how many rows they held is not known
        self._clear(page, files.put_aside)
        self._finished(page, lost=lost)

    def _clear(self, page, away):
        """Take the file of a page away; return whether this call did."""
        try:
            return not page.path or away(Path(page.path))
        except OSError as error:    # its rows are in the database all the same; it is looked at no more
            log.error("%s cannot be taken away: %s", page.path, error)
            self._undeletable.add(page.path)
            return True

    def _write(self, pages):
        """Write all of them or none; return how many rows each held."""
        from headgate.prediction_log import entry_of, write_entries
        entries = [[entry_of(line) for line in _lines(page)] for page in pages]
        if any(entries):
            write_entries(self.workspace, list(chain.from_iterable(entries)))
        return [sum(entry["rows"] for entry in some) for some in entries]

    def _finished(self, page, written=0, lost=0):
        self._waiting.popleft()
        adopted = {"adopted": written, "lost": lost} if lost else {"adopted": written}
        self.told(adopted if page.number < 0 else {"number": page.number, "dropped": bool(lost)})

    def _adopt(self):
        """Take over files that a process left behind when it ended."""
        swept = self._swept
        if swept is not None and time.monotonic() - swept < SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        known = {page.path for page in list(self._waiting)} | self._undeletable
        for path in files.waiting(self.folder):
            if str(path) not in known and self._left_behind(path):
                self._waiting.append(Page(-1, 0, str(path)))
        files.sweep_scratch(self.folder)

    def _left_behind(self, path):
        if f"-{self.name}-" in path.name:
            return self._left is not None
        return not files.alive(path)

    def _failed(self, why, seconds):
        if not self._trouble:
            log.error("predictions wait: %s", why)
        if why != self._trouble:
            self._tell_trouble(why)
        self._let_go()
        self._ending.wait(seconds)

    def _tell_trouble(self, why):
        self._trouble = why
        self.told({"trouble": why})

    def _let_go(self):
        if self._open:
            self._open.close()
        self._open = None


def _number_of_lines(page):
    try:
        return len(_lines(page)) or 1
    except OSError:
        return 1


def _lines(page):
    if not page.path:
        return page.data.splitlines()
    try:
        return Path(page.path).read_bytes().splitlines()
    except FileNotFoundError:
        return []       # somebody else was first
