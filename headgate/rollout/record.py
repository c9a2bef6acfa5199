"""What a deployment has done so far, kept in the ledger so that a run after a kill can finish or undo it."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from uuid import uuid4

from headgate import ledger
from headgate.registry.values import CHAMPION

PREFIX = "deployment "
BEGAN, STAGED, ASKS, APPROVED, PROMOTES, VERIFIED, UNDOES, ENDED = (
    "began", "staged", "asks", "approved", "promotes", "verified", "undoes", "ended")
APPROVAL_HOURS = 24
MOVES = ("promoted", "rolled back", "moved")        # of the ledger, when the champion is another from then on


@dataclass(frozen=True)
class Deployment:
    """One attempt to make `version` the champion in place of `before` ("" where there was none).

    steps : name -> what the ledger keeps of it, with `at`, for each step that was taken.
    """

    identity: str
    model: str
    version: str
    digest: str
    before: str
    before_digest: str
    steps: dict = field(default_factory=dict, hash=False)

    def did(self, step):
        return step in self.steps

    def after(self, step, sequence):
        """True when it took `step` after that entry of the ledger."""
        return self.did(step) and self.steps[step]["sequence"] > sequence

    @property
    def ended(self):
        return ENDED in self.steps

    @property
    def promoting(self):
        """True from just before the aliases moved."""
        return PROMOTES in self.steps

    @property
    def baseline(self):
        """Production's figures before the promotion, as kept, or {}."""
        return self.steps.get(PROMOTES, {}).get("baseline") or {}

    @property
    def newest(self):
        """Number of its newest entry in the ledger."""
        return max(one["sequence"] for one in self.steps.values())

    @property
    def override(self):
        return self.steps[BEGAN].get("override") or ""

    @property
    def production(self):
        """Addresses of production, as kept."""
        return tuple(self.steps[BEGAN].get("production") or ())


def begin(workspace, chosen, champion, *, override="", production=(), staging=""):
    """Write that a deployment of `chosen` begins while `champion` (or None) serves; return the Deployment."""
    before = (champion.version, champion.digest) if champion else ("", "")
    deployment = Deployment(uuid4().hex[:12], chosen.model, chosen.version, chosen.digest, *before)
    return note(workspace, deployment, BEGAN, before=before[0], before_digest=before[1], override=override,
                production=list(production), staging=staging)


def note(workspace, deployment, step, *, actor=None, **body):
    """Write that a step was taken; return the Deployment with it."""
    entry = ledger.append(workspace, deployment.model, PREFIX + step, version=deployment.version,
                          digest=deployment.digest, actor=actor,
                          body={**body, "deployment": deployment.identity})
    return _with(deployment, entry)


def deployments(workspace, model):
    """Return every Deployment of `model`, oldest first. While one waits for a person, others may begin and end."""
    found = {}
    for entry in ledger.entries(workspace, model):
        if not entry.event.startswith(PREFIX):
            continue
        body = json.loads(entry.body)
        identity = body.get("deployment")
        if entry.event == PREFIX + BEGAN:
            found[identity] = Deployment(identity, model, entry.version, entry.digest, body["before"],
                                         body["before_digest"])
        if identity in found:
            found[identity] = _with(found[identity], entry)
    return list(found.values())


def last_deployment(workspace, model):
    """Return the Deployment of `model` that began last, or None."""
    return next(reversed(deployments(workspace, model)), None)


def moves_since(workspace, model, sequence):
    """Return the entries of the ledger that moved the champion after that entry."""
    found = [entry for entry in ledger.entries(workspace, model) if entry.event in MOVES and entry.sequence > sequence]
    return [entry for entry in found if CHAMPION in (json.loads(entry.body).get("moves") or (CHAMPION,))]


def last_that_did(workspace, model, step):
    """Return the Deployment of `model` that took `step` last, or None."""
    found = [one for one in deployments(workspace, model) if one.did(step)]
    return max(found, key=lambda one: one.steps[step]["sequence"], default=None)


def approval_of(deployment, *, now=None):
    """Return what the ledger keeps of an approval that still counts, or None."""
    given = deployment.steps.get(APPROVED)
    now = now or datetime.now(timezone.utc)
    if given is None or now - datetime.fromisoformat(given["at"]) > timedelta(hours=APPROVAL_HOURS):
        return None
    return given


def _with(deployment, entry):
    step = entry.event.removeprefix(PREFIX)
    return Deployment(**{**vars(deployment),
                         "steps": {**deployment.steps, step: {**json.loads(entry.body), "at": entry.at,
                                                              "sequence": entry.sequence}}})


def refuse(workspace, chosen, sentence):
    """Write that a version was not even tried."""
    ledger.append(workspace, chosen.model, PREFIX + "refused", version=chosen.version, digest=chosen.digest,
                  body={"sentence": sentence})
