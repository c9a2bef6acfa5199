"""Decide whether a model is to be trained again, say why, and train it if so.

    python -m flows.retrain --help
"""

if __name__ == "__main__":
    from flows.launch.retrain import app

    app()

from datetime import datetime, timezone

from prefect import flow
from prefect.states import Failed

from flows.train import train_model
from headgate.drift.request import ask
from headgate.retraining.outcome import summary_of
from headgate.workspace import Workspace
from tasks.drift import compare_rows, find_reference, show_drift
from tasks.notifying import WATCHED, announce_retraining, told_by_caller
from tasks.retraining import (has_champion, record_decision, record_retraining, show_decision, weigh, weigh_first,
                              write_report)
from tasks.run import keep_summary, last_summary, name_run, run_id
from tasks.scoring import Place
from tasks.turns import one_at_a_time


@flow(name="retrain", flow_run_name="retrain {model}", **WATCHED)
def retrain_model(model: str = "flights", as_of: str | None = None, dry_run: bool = False, force: bool = False):
    """Train `model` again if a rule of its spec says so and nothing holds it back.

    Args:
        model: folder under models/.
        as_of: YYYY-MM-DD; decide and train as of that day. The spec's own when left out.
        dry_run: decide only; nothing is trained and nothing is written down.
        force: train whatever the rules say.
    """
    place = Place(Workspace.from_environment())
    if dry_run:
        return _end(place, _decided(place, model, as_of, dry_run, force))
    with one_at_a_time("retraining", model):    # who comes second decides when the first one has trained
        summary = _decided(place, model, as_of, dry_run, force)
    return _end(place, summary)


def _decided(place, model, as_of, dry_run, force):
    """Decide, train if so, and return the summary."""
    now = datetime.now(timezone.utc)
    champion = find_reference(place, model, "champion") if has_champion(place, model) else None
    drift = champion and _compare(place, champion, as_of, now)
    decision = weigh(place, champion, drift, as_of=as_of, now=now, force=force) if champion else weigh_first(model)
    show_decision(model, decision)
    training = None
    if not dry_run:
        record_decision(place, model, champion, decision)
        training = _train(place, champion, model, decision, as_of, force) if decision.train else None
    summary = summary_of(model, champion, decision, drift=drift, training=training, as_of=as_of, dry_run=dry_run,
                         run_id=run_id())
    return write_report(place, summary)


def _compare(place, champion, as_of, now):
    asked = ask(champion, as_of=as_of, now=int(now.timestamp() * 1000))
    drift = compare_rows(place, champion, asked)
    show_drift(drift)
    return drift


def _train(place, champion, model, decision, as_of, force):
    labelled = "log" if champion is None or champion.spec.retraining.prediction_log else None
    with told_by_caller():
        state = train_model(model, as_of=as_of, force=force, labelled=labelled, return_state=True)
    training = last_summary(state) if state.name == "Rejected" else state.result()
    if training["outcome"] != "unchanged":
        record_retraining(place, model, champion, decision, training)
    return training


def _end(place, summary):
    name_run("retrain", summary)
    keep_summary(place, summary)
    announce_retraining(place, summary)
    if summary["outcome"] == "rejected":
        return Failed(name="Rejected", message=summary["sentence"])
    return summary
