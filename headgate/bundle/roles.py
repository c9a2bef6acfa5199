"""A folder of bundles and its roles.json, which says which of them serve and is replaced in one step."""

import json
import os
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

from filelock import FileLock, Timeout
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from headgate.errors import Busy, NoPrevious, RegistryError, StorageError
from headgate.rows.duplicates import said_once
from headgate.rows.problem import NotJson

ROLES = "roles.json"
CHAMPION, PREVIOUS = "champion", "previous"
PRINTED = r"^[^\x00-\x1f\x7f]+$"       # no database takes a NUL
HOW = "Write one: python -m headgate export NAME FOLDER/NAME --role champion."


class Place(BaseModel):
    """Where a bundle is, relative to the folder; its digest, if it must be that one; what to call the version."""

    model_config = ConfigDict(extra="forbid")
    bundle: str = Field(min_length=1)
    digest: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    version: str | None = Field(None, min_length=1, max_length=20, pattern=PRINTED)


class Roles(BaseModel):
    """A roles.json: model -> role -> bundle (a name, or a Place)."""

    model_config = ConfigDict(extra="forbid")
    default: str | None = None
    models: dict[str, dict[Annotated[str, Field(max_length=20, pattern=PRINTED)], Annotated[Place, BeforeValidator(
        lambda value: {"bundle": value} if isinstance(value, str) else value)]]] = {}


def read_roles(folder):
    """Return the Roles in `folder`; raise RegistryError when there are none that can be used."""
    path = Path(folder) / ROLES
    try:
        if path.exists() and not path.is_file():        # a pipe would let the reader wait for ever
            raise RegistryError(f"{path} is no file.", remedy=HOW)
        return Roles.model_validate(json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=said_once))
    except FileNotFoundError:
        raise RegistryError(f"{path} does not exist, so nothing says which bundle serves.", remedy=HOW) from None
    except ValidationError as error:
        first = error.errors()[0]
        raise RegistryError(f"{path} cannot be used: {'.'.join(map(str, first['loc']))}: {first['msg']}.",
                            remedy=HOW) from None
    except (OSError, ValueError, RecursionError, NotJson) as error:
        raise RegistryError(f"{path} cannot be read: {error}.", remedy=HOW) from None


def set_role(folder, model, role, place):
    """Give `role` of `model` to the bundle at a Place; a champion that was there before becomes `previous`."""
    with _changed(folder) as roles:
        places = dict(roles.models.get(model, {}))
        before = places.get(CHAMPION)
        if role == CHAMPION and before is not None and before.bundle != place.bundle:
            places[PREVIOUS] = before
        roles.models[model] = {**places, role: place}


def roll_back(folder, model):
    """Make `previous` the champion again; nothing is `previous` afterwards. Raises NoPrevious without one."""
    with _changed(folder) as roles:
        places = roles.models.get(model, {})
        if PREVIOUS not in places:
            raise NoPrevious(f"{model!r} has no previous champion to roll back to.",
                             value=f"roles: {', '.join(sorted(places)) or 'none'}")
        kept = {role: place for role, place in places.items() if role != PREVIOUS}
        roles.models[model] = {**kept, CHAMPION: places[PREVIOUS]}


@contextmanager
def _changed(folder):
    """Yield the Roles to be changed, and write them when the block ends well."""
    folder = Path(folder)
    try:
        with FileLock(folder / f".{ROLES}.lock", timeout=10):
            roles = read_roles(folder) if (folder / ROLES).exists() else Roles()
            yield roles
            scratch = folder / f".{ROLES}.{os.getpid()}"
            scratch.write_text(roles.model_dump_json(indent=2, exclude_none=True) + "\n", encoding="utf-8")
            os.replace(scratch, folder / ROLES)
    except Timeout:
        raise Busy(f"Another process changes {folder / ROLES}.") from None
    except OSError as error:
        raise StorageError(f"{folder / ROLES} cannot be written: {error.strerror or error}.") from error
