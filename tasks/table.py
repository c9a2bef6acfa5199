"""Read, validate, clean and keep the table of one run."""

import logging
from pathlib import Path

from prefect import task

from headgate.data import clean, coerce, read_table, write_snapshot
from headgate.training.values import ReadTable, Validated
from headgate.validation import quarantine, validate, write_validation_report
from tasks import shelf
from tasks.caching import key_of, step_key
from tasks.parts import of_reading, of_validation
from tasks.retrying import RETRIES, io_only

log = logging.getLogger("headgate.tasks.table")


def _reading_part(job):
    labelled = job.request.labelled
    return [job.request.fingerprint, job.request.as_of, of_reading(job.spec), labelled and Path(labelled).stem]


def frame_of(job):
    """Return the table of this run, read once per process."""
    return shelf.get(key_of("read", _reading_part(job)),
                     lambda: read_table(job.spec, job.folder, as_of=job.request.as_of, data=job.request.data,
                                        labelled=job.request.labelled))


def release_table(job):
    """Forget the table as read; its clean snapshot has taken its place."""
    shelf.drop(key_of("read", _reading_part(job)))


@task(name="read", task_run_name="read {job.request.model}", cache_key_fn=step_key("read", _reading_part),
      retry_condition_fn=io_only, **RETRIES)
def read(job):
    """Read source, joins and window; returns a ReadTable."""
    reading = frame_of(job)
    log.info("read %d rows from %s", len(reading.frame), reading.source)
    return ReadTable(key_of("read", _reading_part(job)), job.request, len(reading.frame), dict(reading.dropped),
                     reading.source, reading.added)


def _validation_part(job, table, reference, reference_digest):
    return [table.key, of_validation(job.spec), reference_digest, reference is None,
            job.workspace.champion_elsewhere]


@task(name="validate", task_run_name="validate {job.request.model}",
      cache_key_fn=step_key("validate", _validation_part))
def validate_table(job, table, reference, reference_digest):
    """Run every check on the table as it came.

    reference : path of the champion's reference.parquet, or None. Returns a Validated with the report's files.
    """
    reading = frame_of(job)
    frame = reading.frame
    report = validate(frame, job.spec, as_of=job.request.as_of, reference=_read_reference(reference),
                      names=reading.names, elsewhere=job.workspace.champion_elsewhere)
    name = key_of("validate", _validation_part(job, table, reference, reference_digest))
    place = job.workspace.reports / job.request.model / f"validation-{name[-16:]}"
    paths = write_validation_report(report, place)
    kept = None
    if not report.ok:
        kept = quarantine(frame, report, job.workspace.quarantine / job.request.model / f"{place.name}.csv")
    failed = tuple(check.sentence for check in report.checks if not check.ok)
    log.info("validated %d rows: %d of %d checks failed", report.rows, len(failed), len(report.checks))
    return Validated(report.ok, report.rows, failed, {kind: str(path) for kind, path in paths.items()},
                     str(kept) if kept else None)


def reports_exist(checked):
    """False when the report behind a cached validation, or its quarantined rows, were deleted."""
    places = [*checked.reports.values(), *([checked.quarantine] if checked.quarantine else [])]
    return all(Path(place).is_file() for place in places)


def _read_reference(path):
    if path is None:
        return None
    import pandas as pd

    return pd.read_parquet(path)


@task(name="snapshot", task_run_name="snapshot {job.request.model}",
      cache_key_fn=step_key("snapshot", lambda job, table: [table.key, of_validation(job.spec)]))
def snapshot_table(job, table):
    """Clean the table and keep it as a typed, content-addressed Parquet; returns (Snapshot, removed rows)."""
    cleaned = clean(coerce(frame_of(job).frame, job.spec).frame, job.spec)
    snapshot = write_snapshot(cleaned.frame, job.workspace.snapshots)
    removed = len(cleaned.removed)
    if removed:
        _keep_removed(job, cleaned.removed, snapshot)
    log.info("kept %d clean rows, removed %d, digest %s", snapshot.rows, removed, snapshot.digest[:12])
    return snapshot, removed


def _keep_removed(job, removed, snapshot):
    """Removed rows stay readable: as CSV, with the reason of each."""
    path = job.workspace.quarantine / job.request.model / f"removed-{snapshot.digest[:12]}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    removed.to_csv(path, index=False)


def snapshot_exists(result):
    """False when the Parquet behind a cached snapshot was deleted."""
    return result[0].path.is_file()
