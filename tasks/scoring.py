"""Score a table with a registered version: find it, score, and say what came of it."""

import logging
from dataclasses import dataclass

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from headgate.bundle import read_spec
from headgate.scoring.outcome import summary_of
from headgate.scoring.request import choose
from headgate.scoring.score import score_table
from headgate.workspace import Workspace
from tasks.artifacts import artifact_key
from tasks.retrying import RETRIES, io_only

log = logging.getLogger("headgate.tasks.scoring")


@dataclass(frozen=True)
class Place:
    """Where a scoring works."""

    workspace: Workspace


@task(name="find version", task_run_name="version {version} of {model}", retry_condition_fn=io_only, **RETRIES)
def find_version(place, model, version):
    """Return the Chosen version of that number or alias, its bundle verified; never cached, for aliases move."""
    return choose(place.workspace, model, version)


@task(name="score", task_run_name="score with {chosen.model} v{chosen.version}", retry_condition_fn=io_only, **RETRIES)
def score(chosen, asked):
    """Score the whole table and write the answers; returns the summary."""
    tally = score_table(chosen, asked)
    log.info("scored %s rows, put %s aside, %s rows per second", f"{tally.scored:,}", f"{tally.bad:,}",
             f"{tally.rows / max(tally.seconds, 1e-9):,.0f}")
    return summary_of(chosen, asked, tally, read_spec(chosen.folder), run_id=str(flow_run.id))


@task(name="show", task_run_name="show predictions")
def show_predictions(summary):
    """Keep counts, classes and places as an artifact of the run."""
    facts = [("rows", f"{summary['rows']:,}"), ("scored", f"{summary['scored']:,}"),
             ("failed validation", f"{summary['bad']:,} ({summary['bad_share']:.2%})"),
             *((f"class {name}", f"{rows:,}") for name, rows in summary["classes"].items()),
             *((f"wrong in {name}", f"{rows:,}") for name, rows in summary["wrong"].items()),
             *([("without an answer", f"{summary['unanswered']:,}")] if summary["unanswered"] else []),
             ("version", f"{summary['version']}, bundle `{summary['bundle'][:16]}`"),
             ("table", f"`{summary['source']}`"),
             ("predictions", f"`{summary['output']}`"), ("quarantine", f"`{summary['quarantine']}`"),
             ("rows per second", f"{summary['rows_per_second']:,.0f}")]
    lines = [summary["sentence"], "", "| what | |", "|---|---|", *(f"| {name} | {text} |" for name, text in facts)]
    create_markdown_artifact(markdown="\n".join(lines), key=artifact_key(summary["model"], "predictions"))
