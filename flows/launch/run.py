"""Run a flow in this process and return its summary, or raise what it raised."""

import json

SEND_SECONDS = 5
ANSWERS = ("Rejected", "Drift")     # names of states that are an answer, not an error


def run_flow(flow, **parameters):
    """Run `flow`; return its summary, also when the answer is no.

    Raises the error of the flow itself.
    """
    from prefect.settings import PREFECT_FLOWS_HEARTBEAT_FREQUENCY, temporary_settings

    from tasks.run import last_summary

    try:
        with temporary_settings({PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None}):
            state = flow(**parameters, return_state=True)
    finally:
        _send_what_waits()
    if state.name in ANSWERS:
        return last_summary(state)
    return state.result()


def _send_what_waits():
    """Let logs and events reach the API while it is there; at exit they would be retried against nothing."""
    from prefect.events.worker import EventsWorker
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=SEND_SECONDS, at_exit=False)
    EventsWorker.drain_all(timeout=SEND_SECONDS, at_exit=False)


def as_json_line(summary):
    """Return a summary as one line of JSON."""
    return json.dumps(summary, sort_keys=True, default=str)
