"""Start parts in their order, start again what ends, and stop everything."""

import threading
import time

from flows.machine import processes
from flows.machine.part import Running
from headgate.errors import HeadgateError

TICK, LOOK_SECONDS = 0.2, 2.0
START_SECONDS = 240
TRIES = 3                   # before the first answer; later it is tried for ever


class Supervisor:
    """Keeps parts running until `asked_to_stop`.

    say : takes a line for the person who started it. Parts are started in their order and stopped in the reverse.
    """

    def __init__(self, log_folder, environment, say):
        self.asked_to_stop, self.asked_to_hurry = threading.Event(), threading.Event()
        self._log_folder, self._environment, self._say = log_folder, environment, say
        self._running, self._looked = [], 0.0

    def start(self, *parts):
        """Start parts and return once all of them answer, or when told to stop.

        Raises HeadgateError for one that does not come up.
        """
        fresh = [Running(part, self._log_folder, self._environment) for part in parts]
        self._running += fresh
        for one in fresh:
            one.start()
        limit = time.monotonic() + START_SECONDS
        while not self.asked_to_stop.is_set() and not all(one.ready for one in fresh):
            self._tick()
            for one in fresh:
                if one.failures >= TRIES or time.monotonic() > limit:
                    raise _did_not_start(one, self._log_folder)

    def keep(self):
        """Watch over the parts until told to stop."""
        while not self.asked_to_stop.is_set():
            self._tick()

    def stop(self):
        """Stop every part, the last started first. A second request to stop kills what is left."""
        threading.Thread(target=self._hurry, daemon=True).start()
        for one in reversed(self._running):
            one.stop()
        self._running = []

    def _tick(self):
        for one in self._running:
            code = one.ended()
            if code is not None:
                self._say(f"{one.part.name} ended with {code}; it starts again in {one.due - time.monotonic():.0f} s. "
                          f"Its log: {self._log_folder / one.part.name}.log")
            elif one.process is None and time.monotonic() >= one.due:
                one.start_again()
            elif one.process is not None and not one.ready and one.part.answers():
                one.ready = True
                self._say(f"{one.part.name} {'is back' if one.failures else 'is up'}"
                          f"{': ' + one.part.address if one.part.address else ''}")
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._looked, table = time.monotonic(), processes.table()
            for one in self._running:
                one.look(table)
        self.asked_to_stop.wait(TICK)

    def _hurry(self):
        self.asked_to_hurry.wait()
        for one in list(self._running):
            one.kill()


def _did_not_start(one, folder):
    return HeadgateError(f"{one.part.name} does not start.", value="\n".join(["", *one.last]),
                         remedy=f"Its whole log: {folder / one.part.name}.log.")
