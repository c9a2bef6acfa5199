"""The yes of a person: given with the command, at the terminal, or in Prefect's UI and REST API."""

import contextvars
import logging
import threading
import time

from prefect import get_client, pause_flow_run
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import FlowPauseTimeout
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field

from headgate.rollout.approval import answered, nobody, overtaken, who_is_asked

log = logging.getLogger("headgate.tasks.approving")
QUICKEST, SLOWEST = 0.2, 5.0
GRACE_SECONDS, AGAIN_SECONDS = 600, 1.0
MOST_TEXT = 500
LATE = "nobody answered in time"


class Approval(RunInput):
    """What a waiting deployment asks for."""

    approve: bool = Field(description="Deploy this version to production?")
    reason: str = Field("", max_length=MOST_TEXT, description="Why, or why not; kept in the ledger.")
    by: str = Field("", max_length=100, description="Who decides; kept in the ledger.")


def approval(question, *, timeout, moot):
    """Return the Answer to `question`, within `timeout` seconds; call it from the body of a flow.

    question : in Markdown. moot : returns the Moot of a question that nobody needs to answer any more, or None.
    """
    ask = who_is_asked()
    return (ask or _ask_server)(question, timeout, moot)


def _ask_server(question, timeout, moot):
    """Pause the flow run until it is resumed with an Approval; the clock resumes it with a no when it is late or moot.

    So the run goes on: one that Prefect itself found paused for too long could only fail any more.
    """
    log.info("waiting for approval for up to %g s: resume this flow run in the UI", timeout)
    wanted, pace = Approval.with_initial_data(description=question), min(max(timeout / 100, QUICKEST), SLOWEST)
    with _Clock(timeout, pace, moot) as clock:
        try:
            told = pause_flow_run(wait_for_input=wanted, timeout=int(timeout) + GRACE_SECONDS, poll_interval=pace)
        except FlowPauseTimeout:
            return nobody(timeout, "prefect")
    if clock.found is not None:
        return overtaken(clock.found.sentence, "prefect")
    if clock.said_no:
        return nobody(timeout, "prefect")
    return answered(told.approve, told.by.strip(), "prefect", "in Prefect", told.reason.strip())


class _Clock:
    """Resumes the flow run with a no after `seconds`, or once its question is moot, unless somebody was quicker.

    said_no : it did. found : the Moot for which it did, or None. pace : seconds between two looks.
    """

    def __init__(self, seconds, pace, moot):
        self.said_no, self.found, self._over, self._run = False, None, threading.Event(), flow_run.id
        self._limit, self._pace, self._moot, self._blind = time.monotonic() + seconds, pace, moot, False
        work = contextvars.copy_context()       # which knows the server
        self._thread = threading.Thread(target=work.run, args=(self._wait,), daemon=True, name="approval")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _wait(self):
        while not self._over.wait(min(self._pace, max(self._limit - time.monotonic(), QUICKEST))):
            found = self._look()
            if found is None and time.monotonic() < self._limit:
                continue
            try:
                self.said_no = self._resumed(found.sentence if found else LATE)
            except Exception as error:      # whatever keeps the server from it now: it is asked again
                log.warning("the wait for approval could not be ended yet: %s", error)
                self._over.wait(AGAIN_SECONDS)
            if self.said_no:
                self.found = found
                return

    def _look(self):
        """Return the Moot, or None; a registry that is away ends no question."""
        try:
            found, self._blind = self._moot(), False
        except Exception as error:
            found = None
            if not self._blind:
                log.warning("whether the approval is still needed cannot be seen now: %s", error)
            self._blind = True
        return found

    def _resumed(self, why):
        with get_client(sync_client=True) as client:
            told = client.resume_flow_run(self._run, run_input={"approve": False, "reason": why[:MOST_TEXT]})
        return told.status == SetStateStatus.ACCEPT
