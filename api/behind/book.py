"""Where the answers leave what is to be done behind them: queues in memory, and a thread that empties them."""

import logging
import threading
from collections import deque

from api.behind.tally import Tally

log = logging.getLogger("headgate.api.log")
OVERHEAD = 1000     # bytes that a waiting batch takes beside its body


class Book:
    """Keeps predictions for the log, and what is counted. `keep` and `count` are cheap and never wait.

    spool : takes lines, or None to keep no predictions. limit : bytes that may wait.
    """

    def __init__(self, metrics, spool, *, seconds, limit):
        self.metrics, self.spool, self.seconds, self.limit = metrics, spool, seconds, limit
        self.tally = Tally(metrics)
        self.count = self.tally.count
        self._lines, self._batches, self._weight, self._lost = deque(), deque(), 0, 0
        self._soon = threading.Event()
        self._over, self._busy = threading.Event(), threading.Lock()
        self._thread = threading.Thread(target=self._run, name="book", daemon=True)

    def start(self):
        self._thread.start()

    def keep(self, served, key, at, answer, size):
        """Keep an Answer for the log and for the counts by class. size : bytes of the request."""
        self.tally.predicted(served, answer.chosen)
        if self.spool is None:
            return
        if isinstance(answer.chosen, int):
            line = self._line(served, key, at, answer)
            if line is not None and self._room(len(line), 1):
                self._lines.append(line)
        elif self._room(size + len(answer.payload) + OVERHEAD, answer.rows):
            self._batches.append((served, key, at, answer))     # its line takes a while: that is for the thread

    def settle(self):
        """Empty the queues now."""
        self.tally.settle()
        if self.spool is not None:
            with self._busy:
                self._settle_predictions()
                self.spool.look()

    def close(self):
        """Empty the queues for the last time."""
        self._over.set()
        self._soon.set()
        self._thread.join()
        self.settle()

    def _room(self, weight, rows):
        """Make room for so many bytes; without any the rows are lost, and counted."""
        if self._weight and self._weight + weight > self.limit:
            self._lost += rows
            return False
        self._weight += weight
        if self._weight > self.limit / 4:
            self._soon.set()
        return True

    def _run(self):
        while not self._over.is_set():
            self._soon.wait(self.seconds)
            self._soon.clear()
            try:
                self.settle()
            except Exception:
                log.exception("keeping predictions failed")

    def _settle_predictions(self):
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        batches = [self._batches.popleft() for _ in range(len(self._batches))]
        lost, self._lost, self._weight = self._lost, 0, 0
        rows = len(lines) + sum(answer.rows for _, _, _, answer in batches)
        if lost:
            self._drop(lost)
            log.error("%d predictions were not logged: they came faster than the disk takes them", lost)
        made = [(self._line(*one), one[3].rows) for one in batches]
        lines += [line for line, _ in made if line is not None]
        if not lines:
            return
        rows -= sum(number for line, number in made if line is None)
        try:
            self.spool.put(lines, rows)
        except Exception:       # they are counted as lost; the thread goes on for those who come after them
            self._drop(rows)
            raise

    def _drop(self, rows):
        self.metrics.log_rows.labels("dropped").inc(rows)

    def _line(self, served, key, at, answer):
        """Return the line of one answer; one that cannot be made costs no other its place."""
        try:
            return served.entries.line(key, at, answer.inputs, answer.probabilities)
        except Exception as error:
            self._drop(answer.rows)
            log.error("a prediction of %s could not be logged: %s", served.model, type(error).__name__)
            return None
