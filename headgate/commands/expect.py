"""`--expect`: what an earlier command told, as the JSON that it wrote to the outputs of its step."""

from typing import Annotated

import typer
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from headgate.spec.name import FolderName, ModelName


class Candidate(BaseModel):
    model: FolderName      # of what cannot be a model it is told that nothing came of it
    algorithm: str


class Chosen(BaseModel):
    model: ModelName
    digest: Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class Release(BaseModel):
    model: ModelName
    version: Annotated[str, Field(pattern=r"^[0-9]{1,20}$")]
    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


def releases(text):
    """Return each Release that `waiting` told."""
    return _read(list[Release], text, "the JSON list of releases that `waiting` prints")


def candidates(text):
    """Return {"model", "algorithm"} of each candidate that `plan` told."""
    found = _read(list[Candidate], text, "a JSON list of {model, algorithm}, as `plan` prints it")
    return [one.model_dump() for one in found]


def models(text):
    """Return the names of the models that `plan` told."""
    return _read(list[FolderName], text, "a JSON list of names of models, as `plan` prints it")


def chosen(text):
    """Return model -> digest of the results that `compare` told; "" where no model came of it."""
    found = _read(list[Chosen], text, "the JSON list of results that `compare` prints")
    return {one.model: one.digest for one in found}


def _read(kind, text, form):
    try:
        return TypeAdapter(kind).validate_json(text or "[]")
    except ValidationError:
        raise typer.BadParameter(f"--expect is {form}") from None
