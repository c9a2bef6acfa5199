"""What a deployment came to: its steps, one sentence, and a page for a person."""

from dataclasses import asdict, dataclass, field

from headgate.rollout.record import STAGED, UNDOES
from headgate.rollout.take import PROMOTED, UNDOING

DONE, SKIPPED, NO = "done", "skipped", "no"
DEPLOYED, UNCHANGED, STAGED_ONLY, REFUSED, FAILED_STAGING, NOT_APPROVED, ROLLED_BACK = (
    "deployed", "unchanged", "staged", "refused", "failed_staging", "not_approved", "rolled_back")
NOES = (REFUSED, FAILED_STAGING, NOT_APPROVED, ROLLED_BACK)


@dataclass(frozen=True)
class Step:
    """outcome : done, skipped or no.  details : what JSON can hold."""

    step: str
    outcome: str
    sentence: str
    seconds: float = 0.0
    details: dict = field(default_factory=dict, hash=False)

    def to_dict(self):
        return asdict(self)


def summary_of(asked, taken, outcome, steps, *, champion, run_id):
    """Return the summary of a run as a plain dict. champion : number of the version that serves now, or ""."""
    return {"flow": "deploy", "model": asked.model, "version": taken.chosen.version, "digest": taken.chosen.digest,
            "outcome": outcome, "champion": champion, "before": taken.deployment.before if taken.deployment else None,
            "resumed": taken.state in (PROMOTED, UNDOING), "override": asked.override or None,
            "deployment": taken.deployment.identity if taken.deployment else None,
            "staging": asked.staging or None, "production": list(production_of(asked, taken)),
            "steps": [one.to_dict() for one in steps], "sentence": sentence_of(taken, outcome, steps, champion),
            "run_id": run_id}


def production_of(asked, taken):
    """Return the addresses of production: those asked for, else those that answered the run that was cut off."""
    before = taken.deployment
    return asked.production or (before.production if before is not None and before.did(STAGED) else ())


def sentence_of(taken, outcome, steps, champion):
    """Say in a sentence or two what came of it, and what serves."""
    name = f"Version {taken.chosen.version} of {taken.chosen.model}"
    serves = f"Version {champion} serves." if champion else "No version serves."
    undone = taken.deployment.steps.get(UNDOES, {}).get("reason") if taken.deployment else None
    why = undone or next((one.sentence for one in steps if one.outcome == NO), "")
    told = {DEPLOYED: f"{name} is the champion." + _open(steps), UNCHANGED: taken.sentence + _open(steps),
            STAGED_ONLY: f"{name} is proved on staging; it is not deployed, and waits to be approved. {serves}",
            REFUSED: f"{why} {serves}", FAILED_STAGING: f"{name} is not deployed. {why} {serves}",
            NOT_APPROVED: f"{name} is not deployed. {why} {serves}",
            ROLLED_BACK: f"{name} was deployed and rolled back. {why} {_back(steps)}{serves}"}
    return told[outcome].strip()


def markdown_of(summary):
    """Return the summary as a page in Markdown."""
    rows = [f"| {one['step']} | {one['outcome']} | {one['seconds']:.1f} | {_cell(one['sentence'])} |"
            for one in summary["steps"]]
    checks = [f"| {check['name']} | {'passed' if check['ok'] else 'failed'} | {_cell(check['sentence'])} |"
              for one in summary["steps"] for check in one["details"].get("checks", ())]
    lines = [f"## {summary['model']} {summary['version']}: {summary['outcome'].replace('_', ' ')}", "",
             summary["sentence"], "", f"Bundle `{summary['digest']}`.", "",
             "| step | outcome | seconds | what |", "|---|---|---|---|", *rows]
    if checks:
        lines += ["", "| staging | | |", "|---|---|---|", *checks]
    return "\n".join(lines) + "\n"


def _open(steps):
    """Say what was not looked at."""
    missing = [one.step for one in steps if one.outcome == SKIPPED and one.step in ("verification", "watch")]
    if "verification" in missing:
        return " Whether production serves it was not asked: no address of production is known."
    return " It was not watched." if missing else " Production serves it."


def _back(steps):
    last = steps[-1]
    return "" if last.outcome == DONE else f"{last.sentence} "


def _cell(text):
    return " ".join(text.split()).replace("|", "\\|")
