"""state.json: what the branch says of one model's versions, read as what it is: data from elsewhere."""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from headgate.errors import StateBroken
from headgate.spec.name import ModelName

STATE, FORMAT = "state.json", 1
REMEDY = "Nothing was taken from it. If nobody tampered with the branch, give it back an earlier commit."
# as MLflow takes them: no other word can be written down in the registry
Alias = Annotated[str, Field(pattern=r"^[\w-]+$", max_length=255)]


class Version(BaseModel):
    """A version that is carried: its number, the digest of its bundle, its aliases."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    version: str = Field(pattern="^[1-9][0-9]{0,8}$")
    digest: str = Field(pattern="^[0-9a-f]{64}$")
    aliases: tuple[Alias, ...]

    @model_validator(mode="after")
    def _no_reserved_word(self):
        for alias in self.aliases:
            if alias.lower() == "latest" or alias[0] in "vV" and alias[1:].isdigit():
                raise ValueError(f"the alias {alias!r} is a word of MLflow's own")
        return self


class Document(BaseModel):
    """last : the highest number ever given. ledger : (sequence, hash) of its last entry."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    format: Literal[FORMAT] = FORMAT
    model: ModelName
    last: int = Field(ge=0, lt=10**9)
    ledger: tuple[int, str]
    versions: tuple[Version, ...]

    @model_validator(mode="after")
    def _each_once(self):
        numbers = [int(one.version) for one in self.versions]
        aliases = [alias for one in self.versions for alias in one.aliases]
        for name, found in (("version", numbers), ("alias", aliases)):
            twice = sorted({one for one in found if found.count(one) > 1})
            if twice:
                raise ValueError(f"{name} {twice[0]} is there twice")
        if max(numbers, default=0) > self.last:
            raise ValueError(f"version {max(numbers)} is over the last number given, {self.last}")
        return self


def write_document(folder, document):
    """Write state.json into the folder of a model."""
    text = json.dumps(document.model_dump(mode="json"), indent=1, sort_keys=True)
    (folder / STATE).write_text(text + "\n", encoding="utf-8")


def read_document(folder, model):
    """Return the Document in the folder of `model`; raise StateBroken for what is none."""
    path = folder / STATE
    try:
        document = Document.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        raise _broken(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}".removeprefix(": ")[:300]) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _broken(path, f"{type(error).__name__}: {error}") from None
    if document.model != model:
        raise _broken(path, f"it tells of {document.model!r}")
    return document


def _broken(path, why):
    return StateBroken(f"{path.parent.name}/{path.name} of the state cannot be used.", value=why, remedy=REMEDY)
