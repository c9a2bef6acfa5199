"""Deploy a version: prove it on staging, have it approved, promote it, watch production, undo it if it fails.

    python -m flows.deploy --help
"""

if __name__ == "__main__":
    from flows.launch.deploy import app

    app()

from prefect import flow
from prefect.states import Failed

from headgate.errors import AliasMoved, NotServing
from headgate.rollout import outcome as outcomes, take as states
from headgate.rollout.ask import ask
from headgate.rollout.outcome import NO
from headgate.workspace import Workspace
from tasks import deploying
from tasks.notifying import WATCHED, announce_deployment
from tasks.run import keep_summary, name_run
from tasks.scoring import Place
from tasks.turns import PromotionTurn


@flow(name="deploy", flow_run_name="deploy {model} {version}", on_cancellation=[deploying.end_cancelled], **WATCHED)
def deploy_version(model: str = "flights", version: str | int = "challenger", approve: bool = False,
                   approval_timeout: float = 3600, staging_url: str | None = None, production_url: str | None = None,
                   watch_seconds: float | None = None, patience: float = 60, override: str | None = None,
                   stage_only: bool = False, staged: bool = False):
    """Deploy a version of `model`; every step is real, and a run that was cut off is finished or undone by the next.

    Args:
        model: name in the registry.
        version: number, alias, or beginning of a bundle's digest.
        approve: it is approved already; otherwise the run waits for an approval in the UI.
        approval_timeout: seconds to wait for that; then the answer is no.
        staging_url: a service that follows the alias staging. Left out: HEADGATE_STAGING_URL, else one that is started.
        production_url: services of production, separated by spaces. Left out: HEADGATE_PRODUCTION_URL.
        watch_seconds: how long production is watched. Left out: rollout.watch_seconds of model.yaml.
        patience: seconds that staging and production have to serve the version.
        override: the reason for deploying a version whose gates did not all pass.
        stage_only: end when staging has proved it; nothing is approved or promoted.
        staged: take only the version that an earlier run with stage_only proved.
    """
    place = Place(Workspace.from_environment())
    asked = ask(model, version, approve=approve, approval_timeout=approval_timeout, staging_url=staging_url,
                production_url=production_url, watch_seconds=watch_seconds, patience=patience, override=override,
                stage_only=stage_only, staged=staged)
    with PromotionTurn(place, model) as turn:
        summary = _deploy(place, asked, turn)
    name_run("deploy", summary)
    keep_summary(place, summary)
    announce_deployment(place, summary)
    if summary["outcome"] in outcomes.NOES:
        return Failed(name="Rejected", message=summary["sentence"])
    return summary


def _deploy(place, asked, turn):
    taken, first = deploying.take(place, asked)
    steps = [first]
    try:
        taken, outcome = _outcome(place, asked, taken, steps, turn)
    except AliasMoved as error:
        deploying.give_up(place, taken, error)
        raise
    return deploying.conclude(place, asked, taken, outcome, steps)


def _outcome(place, asked, taken, steps, turn):
    """Take every step that is left, append each to `steps`; return (Taken by then, outcome)."""
    counted = {}
    if taken.state == states.REFUSED:
        return taken, outcomes.REFUSED
    if taken.state == states.UNDOING:
        reason = taken.deployment.steps["undoes"]["reason"]
        return taken, _undo(place, asked, taken, taken.deployment, reason, steps)
    if taken.state == states.FRESH:
        taken, counted, end = _prove(place, asked, taken, steps, turn)
        if end:
            return taken, end
    if taken.state == states.SERVING:
        return taken, _confirm(place, asked, taken, steps)
    deployment, promoted = deploying.promote(place, asked, taken, counted)
    steps.append(promoted)
    return taken, _verify(place, asked, taken, deployment, steps)


def _prove(place, asked, taken, steps, turn):
    """Everything before the promotion; returns (Taken by then, what production counted, outcome if it ends there)."""
    counted, looked = deploying.look_at_production(place, asked, taken)
    staged = deploying.stage(place, asked, taken)
    steps += [looked, staged]
    if staged.outcome == NO:
        return taken, counted, outcomes.FAILED_STAGING
    if asked.stage_only:
        return taken, counted, outcomes.STAGED_ONLY
    taken, approved = deploying.approve(place, asked, taken, staged, turn)
    steps.append(approved)
    return taken, counted, outcomes.NOT_APPROVED if approved.outcome == NO else None


def _verify(place, asked, taken, deployment, steps):
    """Everything after the promotion; returns the outcome."""
    for look in (deploying.verify, deploying.watch):
        seen = look(place, asked, taken, deployment)
        steps.append(seen)
        if seen.outcome == NO:
            return _undo(place, asked, taken, deployment, seen.sentence, steps)
    return outcomes.DEPLOYED


def _undo(place, asked, taken, deployment, reason, steps):
    steps.append(deploying.roll_back(place, asked, taken, deployment, reason))
    return outcomes.ROLLED_BACK


def _confirm(place, asked, taken, steps):
    """It is the champion already: only see that production serves it."""
    seen = deploying.verify(place, asked, taken, taken.chosen)
    if seen.outcome == NO:
        raise NotServing(f"{taken.sentence} But production does not show it. {seen.sentence}")
    steps.append(seen)
    return outcomes.UNCHANGED
