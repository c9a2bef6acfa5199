"""What an earlier run left undone: to be finished, to be undone, or overtaken by what somebody did by hand."""

from headgate.errors import DeploymentOpen
from headgate.registry import read
from headgate.registry.values import CHALLENGER
from headgate.rollout import record
from headgate.rollout.choose import DIGEST

UNANSWERED = ("not_approved", "overtaken", "cancelled")


def unfinished(workspace, model):
    """Return the Deployment that an earlier run left between its promotion and its end, or None.

    One that is champion no more, although nobody undid it here, was overtaken by hand: the ledger says so then.
    """
    last = record.last_that_did(workspace, model, record.PROMOTES)
    if last is None or last.ended:
        return None
    now = read.champion(workspace, model)
    now = now.version if now else ""
    if now == last.version or now == last.before and last.did(record.UNDOES):
        return last
    moved = record.moves_since(workspace, model, last.steps[record.PROMOTES]["sequence"])
    if moved or now != last.before:
        by = f" by {moved[-1].actor}" if moved else ""
        record.note(workspace, last, record.ENDED, outcome="overtaken",
                    sentence=f"It was cut off, and then the champion became version {now or 'none'}{by}.")
    return None


def check_same(last, version, champion):
    """Raise DeploymentOpen when `version` (number, alias or digest) is another one than was cut off.

    champion : RegisteredVersion that serves, or None.
    """
    aliases = champion.aliases if champion is not None and champion.version == last.version else ()
    if version in (CHALLENGER, last.version, *aliases) or DIGEST.fullmatch(version) and last.digest.startswith(version):
        return
    raise still_open(last, version)


def check_none_open(workspace, deployment):
    """Raise DeploymentOpen when another than `deployment` was cut off between its promotion and its end."""
    cut_off = unfinished(workspace, deployment.model)
    if cut_off is not None and cut_off.identity != deployment.identity:
        raise still_open(cut_off, deployment.version)


def still_open(last, asked):
    """Return the DeploymentOpen of a Deployment that was cut off. asked : what was asked for instead."""
    return DeploymentOpen(f"A deployment of version {last.version} of {last.model!r} was cut off after its promotion.",
                          value=f"asked for now: {asked}",
                          remedy=f"Finish it first (python -m flows.deploy --model {last.model} --version "
                                 f"{last.version}), or put the champion before back (python -m headgate rollback "
                                 f"{last.model}).")


def was_staged(workspace, chosen, champion):
    """True when the last deployment of this very bundle over the same champion proved it on staging, and ended there.

    champion : RegisteredVersion that serves, or None. A question that nobody said yes to says nothing of staging.
    """
    ended = [one for one in record.deployments(workspace, chosen.model)
             if one.ended and one.steps[record.ENDED].get("outcome") not in UNANSWERED
             and (one.digest, one.before) == (chosen.digest, champion.version if champion else "")]
    last = max(ended, key=lambda one: one.steps[record.ENDED]["sequence"], default=None)
    return last is not None and last.steps[record.ENDED].get("outcome") == record.STAGED


def going_on(workspace, chosen, champion, override):
    """Return the newest Deployment of the same version over the same champion that was cut off before its promotion.

    None where there is none. One since which the champion was moved, and back, ends here: what was approved then may
    have failed since. champion : RegisteredVersion that serves, or None.
    """
    same = (chosen.digest, champion.version if champion else "", override)
    for one in reversed(record.deployments(workspace, chosen.model)):
        if one.ended or (one.digest, one.before, one.override) != same:
            continue
        if not record.moves_since(workspace, chosen.model, one.steps[record.BEGAN]["sequence"]):
            return one
        record.note(workspace, one, record.ENDED, outcome="overtaken",
                    sentence="The champion was moved, and back, since it began.")
    return None
