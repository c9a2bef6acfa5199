"""Look whether a model's source changed since the last look, and tell the Prefect server when it did.

    python -m flows.watch --help
"""

if __name__ == "__main__":
    from flows.launch.watch import app

    app()

from prefect import flow

from tasks.arrivals import look, tell_arrived
from tasks.notifying import WATCHED
from tasks.run import keep_summary, name_run, open_job


@flow(name="watch", flow_run_name="watch {model}", **WATCHED)
def watch_source(model: str = "flights"):
    """Look at the source of `model`; a change is the event headgate.data.arrived, which starts its validation.

    Args:
        model: folder under models/.
    """
    job = open_job(model)
    seen = look(job)
    summary = {"flow": "watch", "model": model, "outcome": seen.outcome, "changed": seen.outcome == "changed",
               "digest": seen.digest, "before": seen.before, "sentence": seen.sentence}
    name_run("watch", summary)
    keep_summary(job, summary)
    tell_arrived(job, seen)
    return summary
