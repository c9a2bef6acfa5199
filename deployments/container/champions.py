"""The bundles that an image is to hold: the champions that a roles.json names."""

import hashlib
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

ROLES, MANIFEST = "roles.json", "manifest.json"
NAME = re.compile("[a-z][a-z0-9_-]*")


class CannotBuild(Exception):
    """Something is missing or cannot be used (exit code 2)."""

    exit_code = 2


class WrongBundle(CannotBuild):
    """The champion is another bundle than the one asked for (exit code 1)."""

    exit_code = 1


@dataclass(frozen=True)
class Champion:
    """folder : where its bundle is. digest : of its manifest's bytes. version : what answers call it, or ""."""

    model: str
    folder: Path
    digest: str
    version: str


@dataclass(frozen=True)
class Shelf:
    """What a roles.json says. default : model of the routes without a name, or None."""

    champions: tuple
    default: str | None

    @property
    def expected(self):
        """NAME=DIGEST of each, separated by commas."""
        return ",".join(f"{one.model}={one.digest}" for one in self.champions)


def read_shelf(folder):
    """Return the Shelf of a folder of bundles; raise CannotBuild when nobody is champion there, or has no bundle."""
    path = Path(folder) / ROLES
    try:
        roles = json.loads(path.read_text(encoding="utf-8"))
        named = {model: places["champion"] for model, places in sorted(roles["models"].items()) if "champion" in places}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotBuild(f"{path} cannot be used: {error}. Write one: python -m headgate export NAME FOLDER/NAME "
                          "--role champion.") from None
    if not named:
        raise CannotBuild(f"{path} names no champion.")
    return Shelf(tuple(_champion(Path(folder), model, place) for model, place in named.items()), roles.get("default"))


def check_digests(shelf, wanted):
    """Raise WrongBundle unless each model of `wanted` (model -> digest) has that champion."""
    found = {one.model: one.digest for one in shelf.champions}
    for model, digest in wanted.items():
        if found.get(model) != digest:
            raise WrongBundle(f"The champion of {model!r} is not the one asked for. "
                              f"Seen: {found.get(model, 'none')}. Allowed: {digest}.")


def write_shelf(shelf, folder):
    """Copy the champions' bundles into the new `folder`, with a roles.json that names them and nothing else."""
    folder.mkdir()
    models = {}
    for one in shelf.champions:
        shutil.copytree(one.folder, folder / one.model)
        place = {"bundle": one.model, "digest": one.digest, "version": one.version}
        models[one.model] = {"champion": {name: value for name, value in place.items() if value}}
    document = {**({"default": shelf.default} if shelf.default else {}), "models": models}
    (folder / ROLES).write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _champion(folder, model, place):
    if not NAME.fullmatch(model):
        raise CannotBuild(f"{folder / ROLES} names no model: {model!r}.")
    place = {"bundle": place} if isinstance(place, str) else place
    bundle = (folder / place["bundle"]).resolve()
    if not bundle.is_relative_to(folder.resolve()):
        raise CannotBuild(f"{folder / ROLES} names a bundle outside of its folder: {place['bundle']!r}.")
    try:
        digest = hashlib.sha256((bundle / MANIFEST).read_bytes()).hexdigest()
    except OSError as error:
        raise CannotBuild(f"The champion of {model!r} is no bundle: {error}.") from None
    _check_sums(bundle)
    if place.get("digest", digest) != digest:
        raise WrongBundle(f"{bundle} is not the bundle that {ROLES} names. Seen: {digest}. "
                          f"Allowed: {place['digest']}.")
    return Champion(model, bundle, digest, place.get("version") or "")


def _check_sums(bundle):
    """Raise WrongBundle for a file that is not the one of the manifest; what serves is proved in the build itself."""
    try:
        sums = json.loads((bundle / MANIFEST).read_bytes())["files"]
        for name, expected in sorted(sums.items()):
            seen = hashlib.sha256((bundle / name).read_bytes()).hexdigest()
            if seen != expected:
                raise WrongBundle(f"{bundle / name} was changed after the bundle was sealed. Seen: {seen}. "
                                  f"Allowed: {expected}.")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise CannotBuild(f"{bundle} is no whole bundle: {error}.") from None
