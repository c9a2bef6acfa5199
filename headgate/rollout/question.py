"""A question that waits for a person, and what becomes of it when others work meanwhile."""

from dataclasses import dataclass

from headgate.registry import read
from headgate.rollout import record

SERVES, MOVED, UNDONE, ELSEWHERE, NEWER = "serves", "moved", "undone", "elsewhere", "newer"


@dataclass(frozen=True)
class Moot:
    """Why nobody needs to answer any more.

    kind : the version is champion already (serves); another one became it (moved); it was deployed by another run and
    taken back (undone); another run went on with this deployment (elsewhere); a newer question is open (newer).
    sentence : in words.
    """

    kind: str
    sentence: str

    @property
    def final(self):
        """True where a yes that was given all the same does not count."""
        return self.kind != NEWER


def ask_for(workspace, deployment, *, run=""):
    """Write that a person is asked whether `deployment` may promote; return it with that. run : the flow run."""
    return record.note(workspace, deployment, record.ASKS, sentence="An approval is asked for.", run=run)


def end_cancelled(workspace, model, run):
    """Write that the question of a run ended with it, which was cancelled; what it promoted the next run finishes."""
    for one in record.deployments(workspace, model):
        if one.did(record.ASKS) and one.steps[record.ASKS].get("run") == run and not (one.ended or one.promoting):
            record.note(workspace, one, record.ENDED, outcome="cancelled",
                        sentence="Its run was cancelled while a person was asked.")


def why_moot(workspace, deployment):
    """Return the Moot of a Deployment of `ask_for`, or None while its question stands. It reads only."""
    champion, since = read.champion(workspace, deployment.model), deployment.steps[record.ASKS]["sequence"]
    now = champion.version if champion else ""
    if now == deployment.version:
        return Moot(SERVES, f"Version {now} became champion while the question was open.")
    again = f"To ask once more: python -m flows.deploy --model {deployment.model} --version {deployment.version}."
    if now != deployment.before:
        return Moot(MOVED, f"{f'Version {now}' if now else 'No version'} became champion while the question was open. "
                           f"{again}")
    everything = record.deployments(workspace, deployment.model)
    if any(one.digest == deployment.digest and one.after(record.UNDOES, since) for one in everything):
        return Moot(UNDONE, f"Version {deployment.version} was deployed by another run while the question was open and "
                            f"taken back. {again}")
    if record.moves_since(workspace, deployment.model, since):
        return Moot(MOVED, f"The champion was moved, and back, while the question was open. {again}")
    return _by_others(everything, deployment, since, again)


def _by_others(everything, deployment, since, again):
    """Return the Moot of what the ledger tells of other runs since the question was asked, or None."""
    if taken_over(everything, deployment):
        return Moot(ELSEWHERE, "Another run went on with this deployment while the question was open.")
    newer = [one for one in everything if one.after(record.ASKS, since)]
    if newer:
        last = max(newer, key=lambda one: one.steps[record.ASKS]["sequence"])
        return Moot(NEWER, f"The question was closed, for version {last.version} is asked about now. {again}")
    return None


def taken_over(everything, deployment):
    """True when another run wrote for a Deployment since this one last did. everything : every Deployment by now."""
    return any(one.identity == deployment.identity and one.newest > deployment.newest for one in everything)
