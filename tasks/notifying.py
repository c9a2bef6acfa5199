"""Tell people what came of a run; whatever goes wrong with that is logged, and the run is as it was."""

import logging
from contextlib import contextmanager
from contextvars import ContextVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.context import FlowRunContext
from prefect.runtime import deployment, flow_run

from headgate.notices import Notice, find_channels, tell
from headgate.notices.by_hand import notify_of
from headgate.notices.of_runs import of_deployment, of_training, of_validation, serving_now
from headgate.notices.of_upkeep import of_drift, of_retraining
from headgate.workspace import Workspace
from tasks.scoring import Place

log = logging.getLogger("headgate.tasks.notifying")
MOST_TEXT = 500
_caller_tells = ContextVar("caller_tells", default=False)


def announce(place, notice):
    """Send `notice` to every channel that has not been told of this state; return {channel: None or what went wrong}.

    place : anything with a `workspace`, and a `spec` where it has one. Takes ten seconds at most, and never raises.
    """
    try:
        notify = _notify_of(place, notice.model)
        if not find_channels(notify):
            return {}
        send = notify_people if FlowRunContext.get() else notify_people.fn
        return send(place, notice, notify)
    except Exception:       # a run does not fail because nobody could be told of it
        log.warning("could not tell anybody that %s", notice.title, exc_info=True)
        return {}


@task(name="notify", task_run_name="tell of {notice.title}", persist_result=False, cache_policy=NO_CACHE)
def notify_people(place, notice, notify):
    """Tell the channels; a failing one is logged by its name, which holds no secret."""
    outcome = tell(place.workspace, notice, find_channels(notify), notify=notify)
    for name, trouble in outcome.items():
        if trouble is None:
            log.info("told %s: %s", name, notice.title)
        else:
            log.warning("could not tell %s of %r: %s", name, notice.title, trouble)
    return outcome


@contextmanager
def told_by_caller():
    """Let the flows that are called in the block not tell what they came to: the one that calls them will, once."""
    before = _caller_tells.set(True)
    try:
        yield
    finally:
        _caller_tells.reset(before)


def anybody_listens(place, model):
    """False when nobody is to be told anything, so that there is nothing to put into words."""
    return bool(find_channels(_notify_of(place, model)))


def announce_validation(job, summary):
    """Tell what a validation came to."""
    _announce_run(job, summary, of_validation)


def announce_training(job, summary):
    """Tell what a training came to, unless the flow that asked for it does."""
    if not _caller_tells.get():
        _announce_run(job, summary, of_training)


def announce_drift(place, summary):
    """Tell that drift was found, or that there is none any more."""
    _announce_run(place, summary, of_drift)


def announce_retraining(place, summary):
    """Tell what was decided about a training, and what came of it."""
    _announce_run(place, summary, of_retraining)


def announce_deployment(place, summary):
    """Tell what a deployment came to."""
    _announce_run(place, summary, of_deployment)


def tell_end(flow, flow_run, state):
    """Hook of a flow: tell that it could not run, and later that it runs again. A "no" is an answer, not a failure.

    A worker whose run was killed calls it by the names of its parameters.
    """
    if state.is_crashed() and not flow_run.deployment_id:
        return      # somebody pressed Ctrl-C, and knows
    model = flow_run.parameters.get("model", "")
    place = Place(Workspace.from_environment())
    if not model or not anybody_listens(place, model):
        return
    serving, look = serving_now(place.workspace, model), (f"flow run: {flow_run.name}",)
    if state.is_crashed() or state.is_failed() and state.name != "Rejected":
        if _caller_tells.get():
            return
        kind, what = "failed", f"The flow {flow.name} could not run to its end."
        why = " ".join((state.message or "").split())[:MOST_TEXT]
    else:
        kind, what, why = "recovered", f"The flow {flow.name} runs again.", ""
    announce(place, Notice(kind, model, what, why, serving, look, about=flow.name))


WATCHED = {"on_failure": [tell_end], "on_crashed": [tell_end], "on_completion": [tell_end]}


def _announce_run(job, summary, notices_of):
    if not anybody_listens(job, summary["model"]):
        return
    run = flow_run.ui_url if deployment.id else ""     # the API of another run is gone when it ends
    for notice in notices_of(summary, serving=serving_now(job.workspace, summary["model"]), run=run or ""):
        announce(job, notice)


def _notify_of(place, model):
    """Return who is told about a model: of the spec at hand, else of its folder; None where it has none."""
    spec = getattr(place, "spec", None)
    return spec.notify if spec is not None else notify_of(place.workspace, model)
