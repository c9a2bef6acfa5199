"""Validate a model's table: every check runs, and nothing is trained.

    python -m flows.validate --help
"""

if __name__ == "__main__":
    from flows.launch.validate import app

    app()

from prefect import flow
from prefect.states import Failed

from tasks import shelf
from tasks.arrivals import tell_valid
from tasks.artifacts import show_document
from tasks.caching import run_step
from tasks.notifying import WATCHED, announce_validation
from tasks.registering import find_champion, record_validation
from tasks.run import keep_summary, name_run, open_job
from tasks.table import read, reports_exist, validate_table


@flow(name="validate", flow_run_name="validate {model}", **WATCHED)
def validate_data(model: str = "flights", as_of: str | None = None, data: str | None = None, force: bool = False,
                  arrived: bool = False):
    """Validate the table of `model`.

    Args:
        model: folder under models/.
        as_of: YYYY-MM-DD; only rows before that day are seen. The spec's own when left out.
        data: path or URL of a CSV or Parquet that replaces the spec's source.
        force: run every check although nothing changed.
        arrived: the rows are new; when they are valid, a retraining is weighed.
    """
    job = open_job(model, as_of=as_of, data=data)
    with shelf.cleared():
        table = run_step(read, job, force=force)
        champion = find_champion(job)
        checked = run_step(validate_table, job, table, champion and champion.reference,
                           champion and champion.digest, force=force, usable=reports_exist)
    show_document("validation", model, checked.reports["markdown"], checked.reports)
    summary = record_validation(job, table, checked)
    name_run("validate", summary)
    keep_summary(job, summary)
    announce_validation(job, summary)
    if not checked.ok:
        return Failed(name="Rejected", message=summary["sentence"])
    if arrived:
        tell_valid(summary)
    return summary
