"""What a run leaves behind: the registry's answer, the ledger's entries, and the summary that a person reads."""

import logging

from prefect import task
from prefect.runtime import flow_run

from headgate import ledger
from headgate.bundle import verify
from headgate.errors import BundleBroken
from headgate.registry import aliases, read, register as registering
from headgate.registry.values import RunDetails
from headgate.training.cut_off import judged_of
from headgate.training.judged import ChampionBundle
from headgate.training.outcome import keep_report, sentence_of_data, summary_of
from headgate.training.values import Judged
from tasks.events import emit_version

log = logging.getLogger("headgate.tasks.registering")


@task(name="find champion", task_run_name="champion of {job.request.model}")
def find_champion(job):
    """Return the ChampionBundle that serves now, or None; never cached, for aliases move."""
    if job.workspace.champion_elsewhere:
        return None
    version = read.champion(job.workspace, job.request.model)
    if version is None:
        return None
    folder = read.bundle_folder(job.workspace, version)
    try:
        verify(folder, digest=version.digest)
    except BundleBroken as error:
        log.warning("the champion, version %s, is not what was registered: %s", version.version, error)
        return ChampionBundle(version.version, version.digest, str(folder), broken=str(error))
    return ChampionBundle(version.version, version.digest, str(folder))


@task(name="register", task_run_name="register {job.request.model}")
def register(job, table, snapshot, judged: Judged):
    """Register what was promoted or held, keep the record of what was rejected; returns the summary of the run."""
    report = keep_report(job.workspace, judged, job.request.model)
    details = RunDetails(name=f"{job.request.model} {judged.algorithm}", dataset=snapshot.uri,
                         origin={"request": job.request.key, "table": table.key},
                         tags={"headgate.flow_run": str(flow_run.id), "headgate.data": snapshot.digest})
    if judged.verdict["decision"] == "reject":
        run = registering.log_rejected(job.workspace, judged.uri, model=job.request.model, run_details=details,
                                       digest=judged.digest)
        return summary_of(job, judged, snapshot.digest, outcome="rejected", version=None, mlflow_run=run,
                          report=report, flow_run=str(flow_run.id))
    version = registering.register(job.workspace, judged.uri, run_details=details)
    return _accepted(job, version, judged, snapshot.digest, report)


@task(name="finish", task_run_name="finish version {version.version} of {job.request.model}")
def finish(job, version):
    """Do what a run left undone that was killed behind the registration; returns the summary of the run."""
    log.info("version %s of %s came of this very request; only its end is done again", version.version,
             job.request.model)
    judged, data_digest = judged_of(job.workspace, version)
    return _accepted(job, version, judged, data_digest, keep_report(job.workspace, judged, job.request.model))


def _accepted(job, version, judged, data_digest, report):
    outcome = aliases.accept(job.workspace, version, bootstrap=job.spec.rollout.bootstrap)
    log.info("version %s of %s: %s", version.version, job.request.model, outcome)
    emit_version("registered", version.model, version.version, version.digest, outcome=outcome)
    return summary_of(job, judged, data_digest, outcome=outcome, version=version.version,
                      mlflow_run=version.run_id, report=report, flow_run=str(flow_run.id))


@task(name="record", task_run_name="record validation of {job.request.model}")
def record_validation(job, table, checked, *, training=False):
    """Write the validation into the ledger; returns the summary of the run."""
    outcome = "valid" if checked.ok else "invalid"
    ledger.append(job.workspace, job.request.model, "data validated" if checked.ok else "data rejected",
                  body={"rows": checked.rows, "failed": list(checked.failed), "table": table.key,
                        "report": checked.reports["html"], "quarantine": checked.quarantine})
    summary = {"model": job.request.model, "outcome": outcome, "verdict": None, "version": None, "rows": checked.rows,
               "failed": list(checked.failed), "report": checked.reports["html"], "quarantine": checked.quarantine,
               "sentence": sentence_of_data(checked), "run_id": str(flow_run.id), "gates": [], "accuracy": None,
               "as_of": job.request.as_of and job.request.as_of.isoformat(), "data_digest": None}
    if training and not checked.ok:
        summary |= {"outcome": "rejected", "verdict": "reject"}
    return summary
