"""Pull the state from its branch into an empty place, and push what changed there."""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from headgate import ledger
from headgate.bundle.roles import ROLES, Roles
from headgate.errors import HeadgateError, StateBroken, StateMoved, VersionNotFound
from headgate.spec.explain import nearest
from headgate.spec.name import is_name
from headgate.state.document import REMEDY, STATE
from headgate.state.folder import check_here, models_in, places_of, read_model, write_model, write_roles
from headgate.state.restore import restore
from headgate.training.record import write_json

NONE = "none"
BASE = "state.json"
ATTEMPTS = 6
README, ABOUT = "README.md", """# The state of this repository's models

Written by `python -m headgate state push`, read by `python -m headgate state pull`; not to be edited. A checkout of
this branch can be served as it is: `python -m api --bundles FOLDER`.
"""


@dataclass(frozen=True)
class Pulled:
    """commit : of the branch, or NONE. models : a Carried each, in order of their names. there : every name it has."""

    commit: str
    models: tuple
    there: tuple = ()


def pull(workspace, branch, *, at="", models=None):
    """Bring the state of the branch here; return the Pulled.

    at : the commit to take, or NONE for a branch that did not exist; the newest one when empty.
    models : names; all by default. Those that the branch does not have are left out.
    Raises StateAway, StateBroken, BundleBroken, RegistryError.
    """
    commit = at or branch.head() or NONE
    if commit == NONE:
        _remember(workspace, NONE)
        return Pulled(NONE, ())
    branch.fetch(commit)
    workspace.staging.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="state-", dir=workspace.staging) as folder:
        branch.unpack(commit, folder)
        there = tuple(models_in(folder))
        found = tuple(read_model(folder, name) for name in there if models is None or name in models)
        _check_roles(Path(folder) / ROLES, found, there)
        for carried in found:
            restore(workspace, carried)
    _remember(workspace, commit)
    return Pulled(commit, found, there)


def push(workspace, branch, models, *, message, alone=False):
    """Write the state of those `models` whose ledger grew to the branch; return its commit, the old one if none did.

    What others wrote about other models meanwhile stays; alone : nobody may have. Raises StateMoved when the state of
    one of these models is not what was pulled any more: what was decided here was decided about another champion.
    Raises VersionNotFound for a model of which there is nothing, neither here nor in what was pulled, and StateBroken
    where a champion is none that the ledger tells of.
    """
    base = _base(workspace)
    for name in models:
        _check_known(workspace, branch, base, name)
    models = [name for name in models if _grew(workspace, branch, base, name)]
    if not models:
        return base
    for attempt in range(ATTEMPTS):
        head = branch.head()
        if head:
            branch.fetch(head)
        _check_unmoved(branch, base, head, models, alone)
        commit = _write(workspace, branch, head, models, message)
        try:
            if commit != head:
                branch.push(commit)
        except StateMoved:
            if attempt == ATTEMPTS - 1:
                raise
            continue
        _remember(workspace, commit)
        return commit


def drop(workspace, branch, model):
    """Take a model off the branch, with its bundles and its ledger; return (commit before, commit).

    What was there stays in the branch's history. Raises VersionNotFound for a model that the branch does not tell of.
    """
    head = branch.head()
    if head:
        branch.fetch(head)
    roles = _roles(branch.show(head, ROLES) if head else "")
    if not is_name(model) or model not in roles.models and not (head and branch.tree(head, model)):
        raise VersionNotFound(f"There is no state of {model!r} on {branch.name}.",
                              limit=", ".join(roles.models) or "no model",
                              remedy=nearest(model, tuple(roles.models)) or None)
    workspace.staging.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="state-", dir=workspace.staging) as folder:
        roles.models.pop(model, None)
        roles.default = None if roles.default == model else roles.default
        write_roles(folder, roles, ())
        commit = branch.commit(head, folder, [model, ROLES], f"{model} was dropped")
    branch.push(commit)
    return head, commit


def _check_known(workspace, branch, base, model):
    known = ledger.models(workspace)
    if model not in known and not _told(branch, base, model):
        raise VersionNotFound(f"There is nothing of {model!r} to be pushed.", value="no entry in its ledger",
                              limit=", ".join(known) or "no model yet",
                              remedy=nearest(model, known) or f"Train it: python -m flows.train --model {model}.")


def _told(branch, base, model):
    """Return the text of the state of a model that was pulled, or ""."""
    return branch.show(base, f"{model}/{STATE}") if base != NONE else ""


def _grew(workspace, branch, base, model):
    """True when something was decided about a model since its state was pulled."""
    told = _told(branch, base, model)
    _, entries = check_here(workspace, model)
    return bool(entries) and (not told or json.loads(told).get("ledger") != [entries[-1].sequence, entries[-1].hash])


def _write(workspace, branch, head, models, message):
    workspace.staging.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="state-", dir=workspace.staging) as folder:
        carried = [write_model(workspace, name, folder) for name in models]
        write_roles(folder, _roles(branch.show(head, ROLES) if head else ""), carried)
        (Path(folder) / README).write_text(ABOUT, encoding="utf-8")
        return branch.commit(head, folder, [*models, ROLES, README], message)


def _check_unmoved(branch, base, head, models, alone):
    before = None if base == NONE else base
    if alone and head != before:
        raise StateMoved("The state of the models changed since it was pulled.", value=f"now {head}",
                         limit=f"still {base}", remedy="Pull it into an empty place and run it all again.")
    for name in models:
        if branch.tree(before, name) != branch.tree(head, name):
            raise StateMoved(f"The state of {name!r} changed since it was pulled.", value=f"now {head}",
                             limit=f"still {base}", remedy="Pull it into an empty place and run it all again.")


def _roles(text):
    try:
        return Roles.model_validate(json.loads(text)) if text else Roles()
    except (ValueError, RecursionError) as error:
        raise StateBroken(f"{ROLES} of the branch cannot be used.", value=" ".join(str(error).split())[:200],
                          remedy=REMEDY) from None


def _check_roles(path, found, there):
    """Whoever serves a checkout of the branch goes by roles.json, so it says what the state of each model says."""
    roles = _roles(path.read_text(encoding="utf-8") if path.is_file() else "")
    strange = sorted({*roles.models} - {*there})
    if strange:
        raise StateBroken(f"{ROLES} of the branch tells of models without a state.", value=", ".join(strange)[:200],
                          limit=", ".join(there) or "none", remedy=REMEDY)
    for carried in found:
        told, wanted = roles.models.get(carried.model, {}), places_of(carried)
        if told != wanted:
            raise StateBroken(f"{ROLES} of the branch tells otherwise of {carried.model!r} than its state.",
                              value=_bearers(told), limit=_bearers(wanted), remedy=REMEDY)


def _bearers(places):
    return ", ".join(f"{role} {place.version or place.bundle}" for role, place in places.items()) or "nobody"


def _remember(workspace, commit):
    write_json(workspace.home / BASE, {"commit": commit})


def _base(workspace):
    try:
        return json.loads((workspace.home / BASE).read_text(encoding="utf-8"))["commit"]
    except (OSError, ValueError, KeyError):
        raise HeadgateError("Nothing was pulled into this place, so it is not known what it began with.",
                            remedy="First: python -m headgate state pull.") from None
