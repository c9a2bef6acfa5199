"""The yes of a person: given with the command, at the terminal, or in Prefect's UI and REST API."""

import logging

from prefect import pause_flow_run
from prefect.exceptions import FlowPauseTimeout
from prefect.input import RunInput
from pydantic import Field

from headgate.rollout.approval import answered, given_beforehand, nobody, who_is_asked

log = logging.getLogger("headgate.tasks.approving")
QUICKEST, SLOWEST = 0.2, 5.0


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
    """Pause the flow run until it is resumed with an Approval: a run that is not is a no."""
    log.info("waiting for approval for up to %g s: resume this flow run in the UI", timeout)
    wanted = Approval.with_initial_data(description=question)
    every = min(max(timeout / 100, QUICKEST), SLOWEST)
    try:
        told = pause_flow_run(wait_for_input=wanted, timeout=int(timeout), poll_interval=every)
    except FlowPauseTimeout:
        return nobody(timeout, "prefect")
    return answered(told.approve, told.by.strip(), "prefect", "in Prefect", told.reason.strip())
