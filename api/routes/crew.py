"""Threads for large batches: a few at a time, and a queue that is not endless."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from api.problems import Trouble

SMALLEST_PIECE = 256
WAITING = 32


class Crew:
    """Runs batches in threads; the graph runs of one batch are shared out among all."""

    def __init__(self, threads, *, seconds):
        self.threads, self.seconds, self.waiting = threads, seconds, 0
        self._batches = ThreadPoolExecutor(threads, thread_name_prefix="batch")
        self._pieces = ThreadPoolExecutor(threads, thread_name_prefix="graph")

    async def run(self, answer, body, key, at):
        """Return what `answer` returns; raise Trouble when too many wait or it takes too long."""
        if self.waiting >= WAITING:
            raise Trouble(503, "Too many large batches wait already. Try again in a few seconds.",
                          headers=((b"retry-after", b"5"),))
        self.waiting += 1
        try:
            work = asyncio.get_running_loop().run_in_executor(self._batches, answer, body, key, at, self._score)
            return await asyncio.wait_for(work, self.seconds)
        except TimeoutError:
            raise Trouble(503, f"The batch took longer than {self.seconds:g} seconds. Send smaller ones.") from None
        finally:
            self.waiting -= 1

    def close(self):
        """Let running work end and take no more."""
        self._batches.shutdown()
        self._pieces.shutdown()

    def _score(self, scorer, arrays):
        rows = len(next(iter(arrays.values())))
        size = max(SMALLEST_PIECE, -(-rows // self.threads))
        pieces = [{name: values[start:start + size] for name, values in arrays.items()}
                  for start in range(0, rows, size)]
        if len(pieces) == 1:
            return scorer.probabilities(arrays)
        return np.concatenate(list(self._pieces.map(scorer.probabilities, pieces)))
