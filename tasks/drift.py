"""Compare current rows with the champion's training rows, and tell whoever should know."""

import logging
from pathlib import Path

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_progress_artifact, create_table_artifact, \
    update_progress_artifact
from prefect.events import emit_event
from prefect.runtime import flow_run

from headgate import ledger
from headgate.current.champion import find_champion
from headgate.drift.compare import compare
from headgate.drift.evidently_page import write_evidently_page
from headgate.drift.outcome import summary_of
from headgate.drift.pages import table, write_drift_report
from tasks.artifacts import artifact_key
from tasks.retrying import RETRIES, io_only

log = logging.getLogger("headgate.tasks.drift")
FOUND = "headgate.drift.found"


@task(name="find reference", task_run_name="reference of {model} {version}", retry_condition_fn=io_only, **RETRIES)
def find_reference(place, model, version):
    """Return the Champion of that number or alias, its bundle verified; never cached, for aliases move."""
    return find_champion(place.workspace, model, version)


@task(name="compare", task_run_name="compare with {champion.model} v{champion.chosen.version}",
      retry_condition_fn=io_only, **RETRIES)
def compare_rows(place, champion, asked):
    """Compare what is Asked with the reference and write the reports; returns the summary."""
    progress = create_progress_artifact(0.0, key=artifact_key(champion.model, "drift-progress"),
                                        description=f"Drift of {champion.model}: rows, then the page")
    compared = compare(place.workspace, champion, asked)
    log.info("compared %s rows with %s of the reference", f"{compared.comparison.rows:,}",
             f"{compared.comparison.reference_rows:,}")
    update_progress_artifact(progress, 60.0)
    summary = summary_of(champion, asked, compared, run_id=str(flow_run.id))
    folder = place.workspace.reports / champion.model / f"drift-{summary['run_id']}"
    page = _evidently_page(folder, compared, champion)
    summary |= {"evidently": page, "report": str(folder / "drift.md")}
    write_drift_report(summary, folder)
    update_progress_artifact(progress, 100.0)
    log.info("%s", summary["sentence"])
    return summary


@task(name="show", task_run_name="show drift of {summary[model]}")
def show_drift(summary):
    """Keep the table of columns and the report as artifacts of the run."""
    if summary["columns"]:
        create_table_artifact(table=table(summary), key=artifact_key(summary["model"], "drift-columns"),
                              description=summary["sentence"])
    links = [f"- {name}: `{place}`" for name, place in (("report", summary["report"]),
                                                        ("Evidently", summary["evidently"])) if place]
    text = "\n".join(links) + "\n\n" + Path(summary["report"]).read_text(encoding="utf-8")
    create_markdown_artifact(markdown=text, key=artifact_key(summary["model"], "drift"))


@task(name="record", task_run_name="record drift of {summary[model]}")
def record_drift(place, summary):
    """Write what was found into the ledger, as a part of the version's story."""
    if summary["outcome"] != "held":
        ledger.append(place.workspace, summary["model"], "drift found" if summary["drift"] else "no drift",
                      version=summary["version"], digest=summary["bundle"],
                      body={"sentence": summary["sentence"], "rows": summary["rows"], "compared": summary["origin"],
                            "weighted_share": summary["weighted_share"], "limit": summary["limit"],
                            "columns": summary["drifted_columns"], "report": summary["report"]})


def tell_found(summary):
    """Send Prefect the event that an automation waits for, if drift was found.

    Not of a file: the retraining that it starts looks at the log and the source, and would find nothing of it.
    """
    if summary["drift"] and summary["current"] != "data":
        emit_event(FOUND, resource={"prefect.resource.id": f"headgate.model.{summary['model']}",
                                    "prefect.resource.name": summary["model"]},
                   payload={name: summary[name] for name in ("model", "version", "bundle", "sentence", "weighted_share",
                                                             "drifted_columns", "rows", "as_of")})


def _evidently_page(folder, compared, champion):
    """Write the page; without it there is still the answer. Returns its path as text, or None."""
    if compared.reference is None:
        return None
    try:
        return str(write_evidently_page(folder / "evidently.html", compared, champion))
    except Exception:       # whatever Evidently made of these columns, it decides nothing
        log.warning("Evidently could not draw its page of %s; the verdict does not need it", champion.model,
                    exc_info=True)
        return None
