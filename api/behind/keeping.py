"""Now and then: delete what is too old, and count the labels that no prediction waits for."""

import logging
import threading
import time

from api.behind.metrics import forget_dead
from api.models.ids import now
from headgate.errors import StorageError
from headgate.prediction_log import forget_older, without_prediction

log = logging.getLogger("headgate.api.log")
COUNT_SECONDS, DELETE_SECONDS = 30, 3600
WEEK, DAY, MINUTE = 604_800_000, 86_400_000, 60_000


class Keeping:
    """Runs in a thread of its own. days : age at which predictions are deleted, or None."""

    def __init__(self, workspace, metrics, *, days):
        self.workspace, self.metrics, self.days = workspace, metrics, days
        self._over, self._deleted = threading.Event(), None
        self._thread = threading.Thread(target=self._run, name="log keeping", daemon=True)

    def start(self):
        self._thread.start()

    def stop(self):
        self._over.set()

    def once(self):
        """Count, and delete when it is time."""
        forget_dead()
        self.metrics.unmatched.set(without_prediction(self.workspace, since=now() - WEEK, before=now() - MINUTE))
        if self.days is not None and (self._deleted is None or time.monotonic() - self._deleted > DELETE_SECONDS):
            self._deleted = time.monotonic()
            gone = forget_older(self.workspace, now() - int(self.days * DAY))
            if gone:
                log.info("%d predictions older than %g days are deleted", gone, self.days)

    def _run(self):
        while not self._over.wait(COUNT_SECONDS):
            try:
                self.once()
            except StorageError as error:
                log.debug("the prediction log is away: %s", error)
            except Exception:
                log.exception("keeping the prediction log failed")
