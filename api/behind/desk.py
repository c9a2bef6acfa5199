"""Feedback: many labels that arrive at once are stored in one transaction, and each is answered when it is durable."""

import asyncio

from headgate.errors import StorageError
from headgate.prediction_log import store_feedback

AT_ONCE = 500
WAITING = 20_000


class Desk:
    """Stores labels; for one event loop."""

    def __init__(self, workspace):
        self.workspace, self._waiting, self._task = workspace, [], None

    async def store(self, label):
        """Return (the label that is stored, whether this call stored it) once it is durable; raise StorageError."""
        if len(self._waiting) >= WAITING:
            raise StorageError("Too many labels wait to be stored.", remedy="Send it again in a few seconds.")
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((label, done))
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._work())
        return await done

    async def _work(self):
        while self._waiting:
            taken, self._waiting = self._waiting[:AT_ONCE], self._waiting[AT_ONCE:]
            try:
                answers = await asyncio.to_thread(store_feedback, self.workspace, [label for label, _ in taken])
            except Exception as error:
                _settle(taken, [error] * len(taken))
            else:
                _settle(taken, answers)


def _settle(taken, answers):
    for (_, done), found in zip(taken, answers):
        if done.cancelled():
            continue
        if isinstance(found, Exception):
            done.set_exception(found)
        else:
            done.set_result(found)
