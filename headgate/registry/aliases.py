"""Who serves: promotion, rollback, and where a new version waits.

Every change goes through `move_aliases`, under the model's lock and with a ledger entry. `previous` is written before
`champion`, and each alias is replaced in one step: killed anywhere, the model has the one champion it had or the new
one, and the same command run again finishes the work.
"""

from dataclasses import dataclass

from headgate import ledger
from headgate.bundle import read_gates, verify
from headgate.errors import NoPrevious, PromotionRefused
from headgate.ledger.bearers import bearers_of
from headgate.lock import REGISTRY, model_lock
from headgate.registry.read import bundle_folder, champion, find_version, with_alias
from headgate.registry.values import CANARY, CHALLENGER, CHAMPION, PREVIOUS, RegisteredVersion

PATIENCE = 60
CUT_OFF = {"finished": "an earlier one was cut off"}


@dataclass(frozen=True)
class Change:
    """champion : the version that serves now.  before : the version that served before, or "".  changed : by this."""

    champion: RegisteredVersion
    before: str
    changed: bool


def move_aliases(workspace, model, moves, *, event="moved", body=None, actor=None):
    """Point aliases to versions, in the order of `moves`, and write one ledger entry of that name.

    Nothing moves when the ledger cannot be written.
    moves : alias -> version, or None to take the alias away.
    Raises VersionNotFound for a version that is not there or was never finished.
    """
    from headgate.registry import mlflow_store
    with model_lock(workspace, model, purpose=REGISTRY, timeout=PATIENCE):
        targets = {alias: find_version(workspace, model, version) for alias, version in moves.items() if version}
        main = next(iter(targets.values()), None) if CHAMPION not in targets else targets[CHAMPION]
        written = ledger.written_with(
            workspace, model, event, version=main.version if main else "", digest=main.digest if main else "",
            actor=actor, body={"moves": dict(moves), **(body or {})})
        with written as entry, mlflow_store.connect(workspace) as client:   # so that each tells its own errors
            for alias in moves:
                mlflow_store.set_alias(client, model, alias, targets[alias].version if alias in targets else None)
        return entry


def promote(workspace, model, version, *, override=None, actor=None):
    """Make `version` (number or alias) the champion and the champion `previous`; return a Change.

    override : the reason for promoting a version whose gates did not all pass.
    Raises PromotionRefused, VersionNotFound, BundleBroken, Busy, RegistryError.
    """
    with model_lock(workspace, model, purpose=REGISTRY, timeout=PATIENCE):
        target = find_version(workspace, model, version)
        decision = _check_gates(workspace, target, override)
        current = champion(workspace, model)
        body = {"decision": decision}
        if override and decision != "promote":
            body["override"] = override.strip()
        if current is not None and current.version == target.version:
            return _finish(workspace, target, body, actor)
        body["before"] = current.version if current else ""
        moves = {PREVIOUS: current.version} if current else {}
        move_aliases(workspace, model, {**moves, CHAMPION: target.version, **_waiting(target)},
                     event="promoted", body=body, actor=actor)
        return Change(find_version(workspace, model, target.version), body["before"], True)


def rollback(workspace, model, *, reason="", actor=None):
    """Make `previous` the champion again, at once; return a Change. Nothing is `previous` afterwards.

    One that was cut off is finished. Raises NoPrevious when there is no previous version.
    """
    with model_lock(workspace, model, purpose=REGISTRY, timeout=PATIENCE):
        target, current = with_alias(workspace, model, PREVIOUS), champion(workspace, model)
        unfinished = _rolled_back_from(workspace, model, target, current)
        target, before = (current, unfinished) if unfinished else (target, current.version if current else "")
        if target is None:
            raise NoPrevious(f"{model!r} has no previous champion to roll back to.",
                             value=f"champion: {current.version if current else 'none'}",
                             remedy=f"Choose a version yourself: python -m headgate promote {model} --version N.")
        verify(bundle_folder(workspace, target), digest=target.digest)
        body = {"before": before, "reason": reason, **(CUT_OFF if unfinished else {})}
        move_aliases(workspace, model, {CHAMPION: target.version, PREVIOUS: None}, event="rolled back", actor=actor,
                     body=body)
        return Change(find_version(workspace, model, target.version), before, before != target.version)


def accept(workspace, version, *, bootstrap=True, actor=None):
    """Give a newly registered version its place; return "promoted", "registered" or "held".

    The first one that passed every gate becomes champion if `bootstrap`; later ones become challenger, also one that
    was there before and came out of a training again; a version that did not pass gets no alias.
    """
    if version.decision != "promote":
        return "held"
    with model_lock(workspace, version.model, purpose=REGISTRY, timeout=PATIENCE):
        serving = champion(workspace, version.model)
        if serving is None and bootstrap or serving is not None and serving.version == version.version:
            promote(workspace, version.model, version.version, actor=actor)
            return "promoted"
        waiting = with_alias(workspace, version.model, CHALLENGER)
        if waiting is None or version.existed or int(waiting.version) < int(version.version):
            move_aliases(workspace, version.model, {CHALLENGER: version.version}, event="waits as challenger",
                         actor=actor)
    return "registered"


def _check_gates(workspace, target, override):
    folder = bundle_folder(workspace, target)
    verify(folder, digest=target.digest)
    verdict = read_gates(folder)
    if verdict.get("decision") == "promote" or (override and override.strip()):
        return verdict.get("decision")
    short = [f"{gate['name']}: {gate['verdict']}" for gate in verdict.get("gates", ()) if gate["verdict"] != "pass"]
    raise PromotionRefused(f"Version {target.version} of {target.model!r} did not pass every gate.",
                           value="; ".join(short) or "no gate ran", limit="every gate passes",
                           remedy="To promote it all the same, say why: --override REASON.")


def _waiting(target):
    return {alias: None for alias in (CHALLENGER, CANARY) if alias in target.aliases}


def _rolled_back_from(workspace, model, target, current):
    """Return the version that a rollback was to end that was cut off behind the champion's alias; "" if none was.

    target : bearer of `previous`, or None. current : the champion, or None.
    """
    told = bearers_of(ledger.entries(workspace, model))
    was, previous = told.get(CHAMPION, ""), target.version if target else told.get(PREVIOUS)
    return was if current is not None and previous == current.version != was else ""


def _finish(workspace, target, body, actor):
    """Complete a promotion that was cut off after the champion's alias, or find that nothing is left to do."""
    previous = with_alias(workspace, target.model, PREVIOUS)
    before = previous.version if previous else ""
    told = bearers_of(ledger.entries(workspace, target.model))
    waited = _waiting(target) | {alias: None for alias in (CHALLENGER, CANARY) if told.get(alias) == target.version}
    if waited or (told.get(CHAMPION), told.get(PREVIOUS, "")) != (target.version, before):
        moves = {PREVIOUS: before or None, CHAMPION: target.version, **waited}
        move_aliases(workspace, target.model, moves, event="promoted", body={**body, **CUT_OFF}, actor=actor)
    return Change(target, before, False)
