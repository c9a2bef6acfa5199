"""The yes of a person: given with the command, at the terminal, or in Prefect's UI and REST API."""

import contextvars
import logging
import threading

from prefect import get_client, pause_flow_run
from prefect.client.schemas.responses import SetStateStatus
from prefect.exceptions import FlowPauseTimeout
from prefect.input import RunInput
from prefect.runtime import flow_run
from pydantic import Field

from headgate.rollout.approval import answered, given_beforehand, nobody, who_is_asked

log = logging.getLogger("headgate.tasks.approving")
QUICKEST, SLOWEST = 0.2, 5.0
GRACE_SECONDS, AGAIN_SECONDS = 600, 1.0
LATE = "nobody answered in time"


class Approval(RunInput):
    """What a waiting deployment asks for."""

    approve: bool = Field(description="Deploy this version to production?")
    reason: str = Field("", max_length=500, description="Why, or why not; kept in the ledger.")
    by: str = Field("", max_length=100, description="Who decides; kept in the ledger.")


def approval(question, *, given, timeout):
    """Return the Answer to `question`, within `timeout` seconds; call it from the body of a flow.

    given : True when the command said so. question : in Markdown.
    """
    if given:
        return given_beforehand()
    ask = who_is_asked() or _ask_server
    return ask(question, timeout)


def _ask_server(question, timeout):
    """Pause the flow run until it is resumed with an Approval; when its time is over, the clock resumes it with a no.

    So the run goes on: one that Prefect itself found paused for too long could only fail any more.
    """
    log.info("waiting for approval for up to %g s: resume this flow run in the UI", timeout)
    wanted = Approval.with_initial_data(description=question)
    with _Clock(timeout) as clock:
        try:
            told = pause_flow_run(wait_for_input=wanted, timeout=int(timeout) + GRACE_SECONDS,
                                  poll_interval=min(max(timeout / 100, QUICKEST), SLOWEST))
        except FlowPauseTimeout:
            return nobody(timeout, "prefect")
    if clock.said_no:
        return nobody(timeout, "prefect")
    return answered(told.approve, told.by.strip(), "prefect", "in Prefect", told.reason.strip())


class _Clock:
    """Resumes the flow run with a no after `seconds`, unless somebody was quicker."""

    def __init__(self, seconds):
        self.said_no, self._over, self._run = False, threading.Event(), flow_run.id
        work = contextvars.copy_context()       # which knows the server
        self._thread = threading.Thread(target=work.run, args=(self._wait, seconds), daemon=True, name="approval")

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()

    def _wait(self, seconds):
        while not self._over.wait(seconds):
            seconds = AGAIN_SECONDS
            try:
                with get_client(sync_client=True) as client:
                    told = client.resume_flow_run(self._run, run_input={"approve": False, "reason": LATE})
            except Exception as error:      # whatever keeps the server from it now: it is asked again
                log.warning("the wait for approval could not be ended yet: %s", error)
                continue
            if told.status == SetStateStatus.ACCEPT:
                self.said_no = True
                return
