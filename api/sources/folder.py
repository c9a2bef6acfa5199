"""A folder of bundles with a roles.json that says which one serves; needs neither MLflow nor a network."""

import json
import os
from pathlib import Path
from typing import Annotated

from filelock import FileLock
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from api.sources.wanted import CHAMPION, PREVIOUS, Listing, Wanted
from headgate.bundle import read_manifest
from headgate.errors import RegistryError

ROLES = "roles.json"


class Place(BaseModel):
    """Where a bundle is, relative to the folder; its digest, if it must be that one; what to call the version."""

    model_config = ConfigDict(extra="forbid")
    bundle: str
    digest: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    version: str | None = Field(None, min_length=1, max_length=20)


class Roles(BaseModel):
    """A roles.json: model -> role -> bundle (a name, or a Place)."""

    model_config = ConfigDict(extra="forbid")
    default: str | None = None
    models: dict[str, dict[str, Annotated[Place, BeforeValidator(
        lambda value: {"bundle": value} if isinstance(value, str) else value)]]]


class FolderSource:
    """Reads `folder`/roles.json."""

    kind = "folder"

    def __init__(self, folder):
        self.folder = Path(folder).resolve()

    def describe(self):
        """Return what /health says of the source."""
        return {"kind": self.kind, "place": str(self.folder)}

    def listing(self):
        """Return the Listing; raise RegistryError when there is no usable roles.json."""
        roles = self._read()
        wanted = tuple(self._wanted(model, CHAMPION, places[CHAMPION]) for model, places in sorted(roles.models.items())
                       if CHAMPION in places)
        return Listing(wanted, roles.default)

    def roll_back(self, model, actor):
        """Make `previous` the champion again in roles.json, which is replaced in one step."""
        with FileLock(self.folder / f".{ROLES}.lock", timeout=10):
            roles = self._read()
            places = roles.models.get(model, {})
            if PREVIOUS not in places:
                raise RegistryError(f"{model!r} has no previous champion to roll back to.",
                                    value=f"roles: {', '.join(sorted(places)) or 'none'}")
            kept = {role: place for role, place in places.items() if role != PREVIOUS}
            models = {**roles.models, model: {**kept, CHAMPION: places[PREVIOUS]}}
            write_roles(self.folder, roles.model_copy(update={"models": models}).model_dump(exclude_none=True))

    def _read(self):
        path = self.folder / ROLES
        try:
            return Roles.model_validate(json.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            raise RegistryError(f"{path} does not exist, so nothing says which bundle serves.", remedy=HOW) from None
        except ValidationError as error:
            first = error.errors()[0]
            raise RegistryError(f"{path} cannot be used: {'.'.join(map(str, first['loc']))}: {first['msg']}.",
                                remedy=HOW) from None
        except (OSError, ValueError) as error:
            raise RegistryError(f"{path} cannot be read: {error}.", remedy=HOW) from None

    def _wanted(self, model, role, place):
        folder = (self.folder / place.bundle).resolve()
        if not folder.is_relative_to(self.folder):
            raise RegistryError(f"{self.folder / ROLES} names a bundle outside of its folder.", value=place.bundle)
        return Wanted(model, role, place.version or "", folder, place.digest or "")


HOW = 'Write one: python -m headgate export NAME FOLDER/NAME --role champion.'


def write_roles(folder, document):
    """Replace `folder`/roles.json in one step."""
    scratch = Path(folder) / f".{ROLES}.{os.getpid()}"
    scratch.write_text(json.dumps(document, indent=2, sort_keys=True), encoding="utf-8")
    os.replace(scratch, Path(folder) / ROLES)


def digest_of(folder):
    """Return the digest that the manifest in `folder` has now, without checking the files."""
    import hashlib
    return hashlib.sha256(read_manifest(folder)[1]).hexdigest()
