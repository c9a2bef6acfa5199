"""Train a model: validate its table, compare algorithms, judge the best by every gate, register what passes.

    python -m flows.train --help
"""

if __name__ == "__main__":      # an unchanged re-run answers before Prefect is imported
    from flows.launch.train import app

    app()

from dataclasses import replace

from prefect import flow
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner

from headgate.errors import DataRejected
from headgate.lock import model_lock
from headgate.training.cut_off import registered_for
from headgate.training.foreseen import refuse_early
from headgate.training.record import write_record
from headgate.training.score import choose
from tasks import shelf
from tasks.artifacts import show_document, show_gates
from tasks.caching import run_step, say_cached
from tasks.candidates import candidate_exists, check_features, cross_validate, fit, import_algorithms
from tasks.judging import judge
from tasks.notifying import WATCHED, announce_training
from tasks.registering import find_champion, finish, record_validation, register
from tasks.run import keep_summary, name_run, open_job, unchanged
from tasks.table import read, release_table, reports_exist, snapshot_exists, snapshot_table, validate_table
from tasks.turns import one_at_a_time


@flow(name="train", flow_run_name="train {model}", task_runner=ThreadPoolTaskRunner(max_workers=4), **WATCHED)
def train_model(model: str = "flights", as_of: str | None = None, algorithm: list[str] | None = None,
                data: str | None = None, force: bool = False, labelled: str | None = None):
    """Train `model` and register the outcome.

    Args:
        model: folder under models/.
        as_of: YYYY-MM-DD; only rows before that day are seen. The spec's own when left out.
        algorithm: names to compare, or ["all"]. The spec's own when left out.
        data: path or URL of a CSV or Parquet that replaces the spec's source.
        force: run every step although nothing changed.
        labelled: log; add the rows of the prediction log that got their true label. (Or the path of such a snapshot.)
    """
    job = open_job(model, as_of=as_of, algorithms=algorithm, data=data, labelled=labelled)
    with one_at_a_time("training", model), model_lock(job.workspace, model), shelf.cleared():
        summary = None if force else unchanged(job)
        summary = summary or _finish_cut_off(job, force) or _train(job, force)
    name_run("train", summary)
    keep_summary(job, summary)
    announce_training(job, summary)
    if summary["verdict"] == "reject":
        return Failed(name="Rejected", message=summary["sentence"])
    return summary


def _finish_cut_off(job, force):
    version = registered_for(job.workspace, job.request)    # asked in any case: a ledger that is away is told now
    return None if force or version is None else _keep(job, finish(job, version))


def _train(job, force):
    refuse_early(job.spec, job.folder, job.request.algorithms)
    champion = find_champion(job)
    table = run_step(read, job, force=force)
    checked = run_step(validate_table, job, table, champion and champion.reference,
                       champion and champion.digest, force=force, usable=reports_exist)
    show_document("validation", job.request.model, checked.reports["markdown"], checked.reports)
    accepted = record_validation(job, table, checked, training=True)
    if not checked.ok:
        return _keep(job, accepted)
    try:
        snapshot, removed = run_step(snapshot_table, job, table, force=force, usable=snapshot_exists)
    except DataRejected as error:
        checked = replace(checked, ok=False, failed=(str(error),))
        return _keep(job, record_validation(job, table, checked, training=True))
    release_table(job)
    run_step(check_features, job, snapshot, force=force)
    scored = _compare(job, snapshot, force)
    candidate = run_step(fit, job, snapshot, choose(scored), force=force, usable=candidate_exists)
    judged = judge(job, table, snapshot, removed, scored, candidate, champion)
    summary = register(job, table, snapshot, judged)
    show_gates("gates", job.request.model, judged.verdict["gates"], judged.verdict["sentence"])
    show_document("report", job.request.model, summary["report"].replace(".html", ".md"),
                  {"report": summary["report"], "MLflow run": summary["mlflow_run"], "bundle": summary["bundle"]})
    return _keep(job, summary)


def _compare(job, snapshot, force):
    import_algorithms(job.request.algorithms)
    task = cross_validate.with_options(refresh_cache=True) if force else cross_validate
    waiting = {name: task.submit(job, snapshot, name) for name in job.request.algorithms}
    scored = tuple(one.result() for one in waiting.values())
    for name, one in waiting.items():
        say_cached(f"cross-validate {name}", one.state)
    return scored


def _keep(job, summary):
    write_record(job.workspace, job.request, summary)
    return summary
