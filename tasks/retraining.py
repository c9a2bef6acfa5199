"""Gather what speaks for a training, decide, and write down what was decided and what came of it."""

import logging

from prefect import task
from prefect.artifacts import create_table_artifact

from headgate import ledger
from headgate.data.clock import resolve_as_of
from headgate.registry import read
from headgate.report.page import write_page
from headgate.retraining.decide import decide, without_champion
from headgate.retraining.evidence import new_labels
from headgate.retraining.history import trainings, waiting_day
from headgate.retraining.pages import markdown
from headgate.retraining.rules import Facts
from tasks.artifacts import artifact_key
from tasks.retrying import RETRIES, io_only

log = logging.getLogger("headgate.tasks.retraining")


@task(name="look for champion", task_run_name="champion of {model}", retry_condition_fn=io_only, **RETRIES)
def has_champion(place, model):
    """Return whether anybody serves; never cached, for aliases move."""
    return read.champion(place.workspace, model) is not None


@task(name="decide", task_run_name="decide about {champion.model}", retry_condition_fn=io_only, **RETRIES)
def weigh(place, champion, drift, *, as_of, now, force):
    """Count new labels, ask every rule, and return the Decision. drift : summary of a comparison. now : datetime."""
    labels = new_labels(place.workspace, champion, as_of=as_of)
    log.info("%s rows with a new label, %s of the prediction log", f"{labels.rows:,}", f"{labels.logged:,}")
    today = resolve_as_of(champion.spec, as_of) or now.date()
    facts = Facts(today, champion.trained, champion.lineage["training_rows"], drift, labels,
                  tuple(one.day for one in trainings(place.workspace, champion.model)),
                  waiting_day(place.workspace, champion.model))
    decision = decide(champion.spec, facts, force=force)
    log.info("%s", decision.sentence)
    return decision


@task(name="decide", task_run_name="decide about {model}")
def weigh_first(model):
    """Return the Decision about a model that nobody serves yet."""
    return without_champion(model)


@task(name="show", task_run_name="show decision about {model}")
def show_decision(model, decision):
    """Keep the rules and what they saw as an artifact of the run."""
    rows = [{"rule": rule.rule, "kind": kind, "observed": rule.observed, "limit": rule.limit,
             "fires": "yes" if rule.fires else "no", "why": rule.sentence}
            for kind, rules in (("reason", decision.reasons), ("hold", decision.holds)) for rule in rules]
    create_table_artifact(table=rows, key=artifact_key(model, "retraining"), description=decision.sentence)


@task(name="report", task_run_name="report on {summary[model]}")
def write_report(place, summary):
    """Write the decision as Markdown; returns the summary with its path."""
    path = place.workspace.reports / summary["model"] / f"retraining-{summary['run_id']}" / "retraining.md"
    return {**summary, "report": str(write_page(path, markdown(summary)))}


@task(name="record", task_run_name="record decision about {model}")
def record_decision(place, model, champion, decision):
    """Write the decision into the ledger, as a part of the champion's story."""
    ledger.append(place.workspace, model, "retraining due" if decision.train else "retraining not due",
                  **({"version": champion.chosen.version, "digest": champion.chosen.digest} if champion else {}),
                  body={"sentence": decision.sentence, "reasons": [rule.to_dict() for rule in decision.reasons],
                        "holds": [rule.to_dict() for rule in decision.holds]})


@task(name="record", task_run_name="record retraining of {model}")
def record_retraining(place, model, champion, decision, training):
    """Write what the training came to into the ledger: into the story of the new version, or of the one that stays."""
    before = {"before": champion.chosen.version} if champion else {}
    if training["outcome"] == "rejected":
        event, version, digest = "retraining rejected", before.get("before", ""), ""
        body = {"sentence": training["sentence"], "candidate": training.get("bundle"), "report": training.get("report")}
    else:
        event, version, digest = "retrained", training["version"], training["bundle"]
        body = {**before, "sentence": decision.sentence}
    ledger.append(place.workspace, model, event, version=version or "", digest=digest, body=body)
