"""A question that waits for a person, and what becomes of it when others work meanwhile."""

from dataclasses import dataclass

from headgate.registry import read
from headgate.rollout import record

ELSEWHERE, SERVES, MOVED, NEWER = "elsewhere", "serves", "moved", "newer"


@dataclass(frozen=True)
class Moot:
    """Why nobody needs to answer any more.

    kind : another run took the deployment over (elsewhere); the version is champion already (serves); another one
    became champion (moved); a newer question is open (newer). sentence : in words.
    """

    kind: str
    sentence: str


def ask_for(workspace, deployment):
    """Write that a person is asked whether `deployment` may promote; return it with that."""
    return record.note(workspace, deployment, record.ASKS, sentence="An approval is asked for.")


def why_moot(workspace, deployment):
    """Return the Moot of a Deployment of `ask_for`, or None while its question stands. It reads only."""
    champion = read.champion(workspace, deployment.model)
    now = champion.version if champion else ""
    if now == deployment.version:
        return Moot(SERVES, f"Version {now} became champion while the question was open.")
    if now != deployment.before:
        return Moot(MOVED, f"{f'Version {now}' if now else 'No version'} became champion while the question was open. "
                           + _again(deployment))
    if taken_over(workspace, deployment):
        return Moot(ELSEWHERE, "Another run went on with this deployment while the question was open.")
    last = record.last_that_did(workspace, deployment.model, record.ASKS)
    if last.identity != deployment.identity:
        return Moot(NEWER, f"The question was closed, for version {last.version} is asked about now. "
                           + _again(deployment))
    return None


def taken_over(workspace, deployment):
    """True when another run wrote into the ledger for a Deployment of `ask_for`."""
    return record.find(workspace, deployment).newest > deployment.newest


def _again(deployment):
    return f"To ask once more: python -m flows.deploy --model {deployment.model} --version {deployment.version}."
