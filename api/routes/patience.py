"""A limit on how long bodies may take, which costs a request next to nothing: one clock looks after all of them."""

import asyncio
import time

from api.problems import Trouble

LATE = "the body did not arrive in time"
CLOSE = ((b"connection", b"close"),)


class Patience:
    """Entered around reading a body: raises Trouble 408 in a task that takes over `seconds`, give or take one."""

    def __init__(self, seconds):
        self.seconds, self._since = seconds, {}

    def __enter__(self):
        self._since[asyncio.current_task()] = time.monotonic()

    def __exit__(self, kind, error, trace):
        task = asyncio.current_task()
        self._since.pop(task, None)
        if kind is asyncio.CancelledError and LATE in error.args:
            task.uncancel()
            raise Trouble(408, f"The body did not arrive within {self.seconds:g} seconds.", headers=CLOSE) from None

    async def watch(self):
        """Cancel what is late, until this is cancelled itself."""
        while True:
            await asyncio.sleep(min(1.0, self.seconds / 4))
            for task, since in list(self._since.items()):
                if time.monotonic() - since > self.seconds:
                    task.cancel(LATE)
