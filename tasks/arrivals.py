"""Look whether a source changed, and tell Prefect what arrived and what of it is valid."""

import logging

from prefect import task
from prefect.events import emit_event

from headgate.data.arrivals import look_at_source, remember
from tasks.retrying import RETRIES, io_only

log = logging.getLogger("headgate.tasks.arrivals")
ARRIVED, VALID = "headgate.data.arrived", "headgate.data.valid"


@task(name="look", task_run_name="look at the source of {job.spec.name}", retry_condition_fn=io_only, **RETRIES)
def look(job):
    """Return a Look at the source; never cached."""
    seen = look_at_source(job.workspace, job.spec, job.folder)
    log.info("%s", seen.sentence)
    return seen


def tell_arrived(job, seen):
    """Send the event of new rows if there are any, then note what was seen."""
    if seen.outcome == "changed":
        _emit(ARRIVED, job.spec.name, {"model": job.spec.name, "digest": seen.digest, "before": seen.before})
    remember(job.workspace, seen)


def tell_valid(summary):
    """Send the event that what arrived is valid, which retraining waits for."""
    _emit(VALID, summary["model"], {"model": summary["model"], "rows": summary["rows"], "report": summary["report"]})


def _emit(event, model, payload):
    emit_event(event, resource={"prefect.resource.id": f"headgate.model.{model}", "prefect.resource.name": model},
               payload=payload)
