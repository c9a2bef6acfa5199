"""The state of a model as plain files: its versions with an alias as bundles, and its whole ledger.

    roles.json
    flights/state.json          versions with aliases and digests, the last number given, the ledger's head
    flights/ledger.jsonl        every entry, oldest first
    flights/3f2a.../            the bundle whose digest begins so
"""

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate import ledger
from headgate.bundle import verify
from headgate.bundle.canonical import canonical_json
from headgate.bundle.roles import CHAMPION, PREVIOUS, ROLES, Place, Roles
from headgate.errors import StateBroken
from headgate.ledger.entry import GENESIS, Entry, check_chain
from headgate.registry import read
from headgate.spec.name import is_name
from headgate.state.agreement import disagreement
from headgate.state.document import REMEDY, Document, Version, read_document, write_document

LEDGER, SHORT, LOST = "ledger.jsonl", 16, 1000


@dataclass(frozen=True)
class Kept:
    """A version that is carried: number, digest of its bundle, aliases, and the folder of its bundle."""

    version: str
    digest: str
    aliases: tuple
    folder: Path


@dataclass(frozen=True)
class Carried:
    """What a folder says of one model. last : the highest version number ever given."""

    model: str
    last: int
    kept: tuple
    entries: tuple

    @property
    def head(self):
        """(sequence, hash) of the ledger's last entry."""
        return (self.entries[-1].sequence, self.entries[-1].hash) if self.entries else (0, GENESIS)

    def bearer(self, alias):
        """Return the Kept with that alias, or None."""
        return next((one for one in self.kept if alias in one.aliases), None)


def write_model(workspace, model, folder):
    """Write the state of `model` into the new `folder`/`model`; return its Carried.

    Raises StateBroken for one that could not be read again, because its ledger tells of other versions.
    """
    place = _place(folder, model)
    place.mkdir(parents=True)
    versions, entries = check_here(workspace, model)
    kept = tuple(_write_bundle(workspace, one, place) for one in versions if one.aliases)
    last = max((int(one.version) for one in versions), default=0)
    carried = Carried(model, max(last, *(_numbers(entries)), 0), kept, entries)
    told = tuple(Version(version=one.version, digest=one.digest, aliases=one.aliases) for one in kept)
    write_document(place, Document(model=model, last=carried.last, ledger=carried.head, versions=told))
    lines = [canonical_json(asdict(entry)) + "\n" for entry in entries]
    (place / LEDGER).write_text("".join(lines), encoding="utf-8", newline="\n")
    return carried


def read_model(folder, model):
    """Return the Carried of `folder`/`model`, every bundle and the ledger's chain verified, and that they agree.

    Raises StateBroken or BundleBroken; the folder is data from elsewhere, and nothing in it is believed.
    """
    place = _place(folder, model)
    document = read_document(place, model)
    entries = _entries(place / LEDGER, model)
    chain = check_chain(entries, document.ledger) if entries or document.ledger[0] else None
    if chain is not None and not chain.ok:
        raise StateBroken(f"The carried ledger of {model!r} was tampered with.", value=chain.why, remedy=REMEDY)
    _check_last(model, document.last, entries)
    kept = tuple(_read_bundle(place, one) for one in document.versions)
    _check_agreed(model, kept, entries, REMEDY)
    return Carried(model, document.last, kept, entries)


def check_here(workspace, model):
    """Return (versions, ledger entries) of `model` in the registry; raise StateBroken where the two do not agree."""
    versions, entries = read.list_versions(workspace, model), ledger.entries(workspace, model)
    _check_agreed(model, [one for one in versions if one.aliases], entries,
                  f"A command that was cut off is done again; what was moved elsewhere gets its entry by python -m "
                  f"headgate promote {model} --version NUMBER.")
    return versions, entries


def models_in(folder):
    """Return the names of the models in a folder, sorted: every folder in it is one's."""
    return sorted(path.name for path in Path(folder).iterdir() if path.is_dir())


def _check_last(model, last, entries):
    """The next number is one that no version of the ledger had, and not far from them."""
    told = max(_numbers(entries), default=0)
    if not told <= last <= told + LOST:
        raise StateBroken(f"The last version number of {model!r} does not fit its ledger.", value=last,
                          limit=f"{told}, or up to {LOST} more that were lost to trainings that died", remedy=REMEDY)


def places_of(carried):
    """Return what roles.json says of a Carried model: role -> Place."""
    named = {alias: carried.bearer(alias) for alias in (CHAMPION, PREVIOUS)}
    return {alias: Place(bundle=f"{carried.model}/{one.digest[:SHORT]}", digest=one.digest, version=one.version)
            for alias, one in named.items() if one is not None}


def write_roles(folder, before, carried):
    """Write roles.json: the Roles `before`, with those of the Carried models in place of their old ones."""
    roles = Roles.model_validate(before.model_dump())
    roles.models |= {one.model: places_of(one) for one in carried}
    roles.models = {model: places for model, places in sorted(roles.models.items()) if places}
    text = roles.model_dump_json(indent=2, exclude_none=True) + "\n"
    (Path(folder) / ROLES).write_text(text, encoding="utf-8")


def _place(folder, model):
    if not is_name(model):
        raise StateBroken("What no model can be called has no state.", value=repr(model)[:80], remedy=REMEDY)
    return Path(folder) / model


def _check_agreed(model, kept, entries, remedy):
    why = disagreement(kept, entries)
    if why:
        raise StateBroken(f"The versions of {model!r} are not those that its ledger tells of.", value=why,
                          remedy=remedy)


def _write_bundle(workspace, version, place):
    folder = read.bundle_folder(workspace, version)
    verify(folder, digest=version.digest)
    shutil.copytree(folder, place / version.digest[:SHORT])
    return Kept(version.version, version.digest, version.aliases, place / version.digest[:SHORT])


def _read_bundle(place, told):
    folder = place / told.digest[:SHORT]
    verify(folder, digest=told.digest)
    return Kept(told.version, told.digest, told.aliases, folder)


def _entries(path, model):
    try:
        lines = path.read_bytes().split(b"\n")      # no other sign ends a line: a reason may hold any of them
        found = tuple(Entry(**json.loads(line)) for line in lines if line)
        [entry.to_dict() for entry in found]    # so that a body that is no JSON is told here
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise StateBroken(f"{path} cannot be used.", value=f"{type(error).__name__}: {error}", remedy=REMEDY) from None
    if any(entry.model != model for entry in found):
        raise StateBroken(f"{path} tells of another model than {model!r}.", remedy=REMEDY)
    return found


def _numbers(entries):
    return [int(entry.version) for entry in entries if entry.version.isdigit()]
