"""The steps of a deployment, each thin over `headgate.rollout`; what must survive a kill is in the ledger."""

import logging
import time
from dataclasses import replace

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.runtime import flow_run

from headgate.errors import AliasMoved, NotServing, ServiceAway
from headgate.registry import read
from headgate.rollout import production, promote as moving, question, record
from headgate.rollout.approval import given_beforehand
from headgate.rollout.ask import limits_of, production_services, rollout_of, staging_service
from headgate.rollout.outcome import DONE, NO, SKIPPED, Step, markdown_of, production_of, summary_of
from headgate.rollout.resume import check_none_open
from headgate.rollout.stage import stage as prove_on_staging
from headgate.rollout.take import REFUSED, serves, take as take_version
from headgate.rollout.traffic import ROUTES, Traffic
from headgate.rollout.watch import Meter, watch as watch_production
from headgate.workspace import Workspace
from tasks.approving import approval
from tasks.events import emit_version
from tasks.retrying import RETRIES, io_only

log = logging.getLogger("headgate.tasks.deploying")
NOWHERE = "No address of production is known (--production-url, or HEADGATE_PRODUCTION_URL)"
MOST_AWAY = 30.0


@task(name="take", task_run_name="take {asked.version} of {asked.model}", retry_condition_fn=io_only, **RETRIES)
def take(place, asked):
    """Return (Taken, Step): which version, whether it may be deployed, and what was left undone before."""
    started = time.monotonic()
    taken = take_version(place.workspace, asked)
    return taken, _step("take", NO if taken.state == REFUSED else DONE, taken.sentence, started)


@task(name="look at production", task_run_name="look at production", retry_condition_fn=io_only, **RETRIES)
def look_at_production(place, asked, taken):
    """Return ({route: counts so far} of the champion, Step); nothing is promoted that could not be verified."""
    started, services = time.monotonic(), production_services(production_of(asked, taken))
    if not services:
        return {}, _step("production", SKIPPED, f"{NOWHERE}.", started)
    for service in services:
        production.check_follows(service)
    counted = production.count_champion(services, asked.model, taken.deployment.before)
    return _kept(counted), _step("production", DONE, f"{_names(services)} answers and follows the registry.", started)


@task(name="stage", task_run_name="stage version {taken.chosen.version}")
def stage(place, asked, taken):
    """Prove the version on staging; returns a Step. Never retried: a no is a no."""
    started = time.monotonic()
    staged = prove_on_staging(place.workspace, taken.chosen, staging_service(asked), patience=asked.patience)
    checks = [vars(one) for one in staged.checks]
    if staged.ok:
        record.note(place.workspace, taken.deployment, record.STAGED, sentence=staged.sentence)
    return _step("staging", DONE if staged.ok else NO, staged.sentence, started, checks=checks)


def approve(place, asked, taken, staged, turn):
    """Return (Taken, Step of the approval). Called from the flow itself, which Prefect may pause, and so no task.

    turn : the PromotionTurn, which others may have while a person is asked; so they may have come first with it.
    """
    started, earlier = time.monotonic(), record.approval_of(taken.deployment)
    if earlier:
        return taken, _step("approval", DONE, f"Approved in an earlier run: {earlier['sentence']}", started)
    if asked.approve:
        answer = given_beforehand()
        _note_yes(place, taken.deployment, answer)
        return taken, _answered(answer, started)
    asking = question.ask_for(place.workspace, taken.deployment, run=str(flow_run.id))
    with turn.let_go():
        answer = approval(question_of(asked, taken, staged), timeout=asked.approval_timeout,
                          moot=lambda: question.why_moot(place.workspace, asking))
        answered = replace(taken, deployment=_keep_yes(place, asking, answer))
    return reopen(place, answered, answer, started)


def _keep_yes(place, deployment, answer):
    """Write a yes down at once, whatever comes between; return the Deployment. One that others go on with is theirs."""
    if not answer.yes or question.taken_over(record.deployments(place.workspace, deployment.model), deployment):
        return deployment
    return _note_yes(place, deployment, answer)


def _note_yes(place, deployment, answer):
    return record.note(place.workspace, deployment, record.APPROVED, actor=answer.by or None, how=answer.how,
                       reason=answer.reason, sentence=answer.sentence)


@task(name="after the question", task_run_name="after the question", retry_condition_fn=io_only, **RETRIES)
def reopen(place, taken, answer, started):
    """Return (Taken, Step) of an Answer, as things stand by now. What another run went on with is left to it."""
    moot = question.why_moot(place.workspace, taken.deployment)
    theirs = question.taken_over(record.deployments(place.workspace, taken.deployment.model), taken.deployment)
    if moot is not None and moot.kind == question.SERVES:
        if not theirs:
            record.note(place.workspace, taken.deployment, record.ENDED, outcome="overtaken", sentence=moot.sentence)
        return serves(taken.chosen, " by now"), _step("approval", SKIPPED, moot.sentence, started)
    if moot is not None and moot.final:
        return replace(taken, deployment=None) if theirs else taken, _step("approval", NO, moot.sentence, started)
    if answer.yes:
        check_none_open(place.workspace, taken.deployment)
    return taken, _answered(answer, started)


def _answered(answer, started):
    return _step("approval", DONE if answer.yes else NO, answer.sentence, started, by=answer.by, how=answer.how)


@task(name="promote", task_run_name="promote version {taken.chosen.version}")
def promote(place, asked, taken, counted):
    """Move the aliases, having noted what production counted before; returns (Deployment, Step).

    Once more after a run that was cut off, for it may have been cut off in the middle of it.
    """
    started, deployment = time.monotonic(), taken.deployment
    if not deployment.promoting:
        services, before = production_services(production_of(asked, taken)), {}
        if services:
            last = production.patiently(lambda: production.count_champion(services, asked.model, deployment.before),
                                        seconds=asked.patience)
            before = _kept(production.baseline(_counted(counted), last))
        deployment = record.note(place.workspace, deployment, record.PROMOTES, baseline=before)
    moving.promote(place.workspace, deployment)
    was = f"; version {deployment.before} is previous" if deployment.before else ""
    return deployment, _step("promotion", DONE, f"Version {deployment.version} is the champion{was}.", started)


@task(name="verify", task_run_name="verify version {one.version} in production")
def verify(place, asked, taken, one):
    """Have production serve `one`, a Deployment or Chosen, and prove it there; returns a Step."""
    started, services = time.monotonic(), production_services(production_of(asked, taken))
    if not services:
        return _step("verification", SKIPPED, f"{NOWHERE}: who serves production's requests was not asked.", started)
    version = read.find_version(place.workspace, asked.model, one.version)
    try:
        sentence = production.verify(place.workspace, services, version, patience=asked.patience)
    except (NotServing, ServiceAway) as error:
        return _step("verification", NO, str(error), started)
    if taken.deployment is not None:
        record.note(place.workspace, one, record.VERIFIED, sentence=sentence)
    return _step("verification", DONE, sentence, started)


@task(name="watch", task_run_name="watch version {deployment.version}")
def watch(place, asked, taken, deployment):
    """Watch errors and latency in production for a while; returns a Step."""
    started, services = time.monotonic(), production_services(production_of(asked, taken))
    rollout = rollout_of(place.workspace, asked.model, taken.chosen.folder)
    seconds = rollout.watch_seconds if asked.watch_seconds is None else asked.watch_seconds
    if not services or not seconds:
        return _step("watch", SKIPPED, f"{NOWHERE}." if not services else "The watch is 0 seconds long.", started)
    meter = Meter(services, asked.model, deployment.version, deployment.digest)
    found = watch_production(meter, _counted(deployment.baseline), limits_of(rollout), seconds=seconds,
                             away_seconds=min(asked.patience, MOST_AWAY),
                             unmoved=lambda: moving.check_unmoved(place.workspace, deployment))
    return _step("watch", DONE if found.ok else NO, found.sentence, started, requests=found.requests,
                 findings=[one.to_dict() for one in found.findings])


@task(name="roll back", task_run_name="roll back version {deployment.version}")
def roll_back(place, asked, taken, deployment, reason):
    """Put the champion before back and have production serve it again; returns a Step."""
    started, services = time.monotonic(), production_services(production_of(asked, taken))
    if not deployment.did(record.UNDOES):
        deployment = record.note(place.workspace, deployment, record.UNDOES, reason=reason)
    one = moving.put_back(place.workspace, deployment, reason)
    told = f"Version {one.version} is the champion again." if one else "There is no champion again, as before."
    try:
        if services:
            told += " " + (production.verify(place.workspace, services, one, patience=asked.patience) if one else
                           production.verify_gone(services, asked.model, patience=asked.patience))
    except (NotServing, ServiceAway) as error:
        return _step("rollback", NO, f"{told} But production does not show it: {error}", started)
    return _step("rollback", DONE, told, started)


def conclude(place, asked, taken, outcome, steps):
    """Write the end into the ledger, tell whoever waits for it, and return the summary."""
    champion = read.champion(place.workspace, asked.model)
    summary = summary_of(asked, taken, outcome, steps, champion=champion.version if champion else "",
                         run_id=str(flow_run.id))
    if taken.deployment is not None:
        record.note(place.workspace, taken.deployment, record.ENDED, outcome=outcome, sentence=summary["sentence"])
    if outcome in ("deployed", "rolled_back"):
        emit_version(outcome, asked.model, summary["version"], summary["digest"], champion=summary["champion"],
                     outcome=outcome)
    create_markdown_artifact(markdown=markdown_of(summary), key=f"{asked.model.replace('_', '-')}-deployment")
    log.info("%s", summary["sentence"])
    return summary


def give_up(place, taken, error):
    """Write that somebody moved the champion meanwhile, which ends the deployment."""
    if isinstance(error, AliasMoved) and taken is not None and taken.deployment is not None:
        record.note(place.workspace, taken.deployment, record.ENDED, outcome="overtaken", sentence=str(error))


def end_cancelled(flow, flow_run, state):
    """Hook of the flow: what was asked when its run was cancelled is asked no more."""
    question.end_cancelled(Workspace.from_environment(), flow_run.parameters.get("model", ""), str(flow_run.id))


def question_of(asked, taken, staged):
    """Return what a person is asked, in Markdown."""
    one = taken.chosen
    over = f"over version {taken.deployment.before}" if taken.deployment.before else "where no version serves yet"
    lines = [f"Deploy version **{one.version}** of **{one.model}** to production, {over}?",
             f"Bundle `{one.digest[:16]}`.", staged.sentence]
    if taken.deployment.override:
        lines.append(f"**It did not pass every gate** ({'; '.join(one.short) or 'none ran'}); the reason given: "
                     f"{taken.deployment.override}")
    return "\n\n".join(lines)


def _step(name, outcome, sentence, started, **details):
    (log.warning if outcome == NO else log.info)("%s: %s", name, sentence)
    return Step(name, outcome, sentence, round(time.monotonic() - started, 3), details)


def _kept(counted):
    return {route: one.to_dict() for route, one in counted.items()}


def _counted(kept):
    return {route: Traffic.from_dict(kept[route]) if route in kept else Traffic() for route in ROUTES}


def _names(services):
    return ", ".join(one.url for one in services)
