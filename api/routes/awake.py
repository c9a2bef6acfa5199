"""Whoever has answered looks out for the next request for a moment before going to sleep.

To be woken costs as long as a third of an answer: a caller that asks one question after the other would pay for it
each time. The moment is short, so that a service that is asked now and then does not keep its processor busy.
"""

import asyncio
import time


class Awake:
    """Keeps the event loop polling for `seconds` after each answer; for one event loop. 0: it sleeps at once."""

    def __init__(self, seconds):
        self._seconds, self._until, self._polling, self._loop = seconds, 0.0, False, None

    def answered(self):
        """Stay awake from now on."""
        if self._seconds:
            self._until = time.perf_counter() + self._seconds
            if not self._polling:
                self._polling, self._loop = True, asyncio.get_running_loop()
                self._loop.call_soon(self._poll)

    def _poll(self):
        if time.perf_counter() < self._until:
            self._loop.call_soon(self._poll)
        else:
            self._polling = False
