"""What a run that was kept says of itself, read as what it is: data from another machine.

Three kinds of summary: of a training that made a model, of data that was looked at, of a decision whether to train.
"""

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from headgate.errors import BundleBroken
from headgate.spec.name import FolderName, ModelName, is_folder, is_name

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Told(BaseModel):
    """What every kind says. Keys that nothing here reads are left out."""

    model_config = ConfigDict(frozen=True)
    model: FolderName
    sentence: str = ""
    version: str | None = None
    report: str | None = None

    def to_dict(self):
        return {**self.model_dump(), "flow": self.flow}


class Gate(BaseModel):
    model_config = ConfigDict(frozen=True)
    name: str
    verdict: str
    sentence: str = ""


class Trained(Told):
    """A model came of it, whatever its gates said."""

    model: ModelName
    outcome: Literal["promoted", "registered", "held", "rejected", "unchanged"]
    bundle: Digest
    algorithm: str = ""
    accuracy: float | None = None
    gates: tuple[Gate, ...] = ()

    @property
    def flow(self):
        return "train"


class Checked(Told):
    """Data was looked at: in a validation (valid, invalid; failed where it could not run), or in a training that
    then made nothing (rejected).
    """

    outcome: Literal["valid", "invalid", "failed", "rejected"]
    failed: tuple[str, ...]
    rows: int | None = None
    quarantine: str | None = None

    @property
    def flow(self):
        return "train" if self.outcome == "rejected" else "validate"


class Rule(BaseModel):
    model_config = ConfigDict(frozen=True)
    rule: str
    fires: bool


class Training(BaseModel):
    model_config = ConfigDict(frozen=True)
    report: str | None = None
    bundle: Digest | None = None


class Decision(Told):
    """Whether a model is to be trained again."""

    model: ModelName
    train: bool
    outcome: Literal["due", "not_due", "retrained", "held", "rejected", "unchanged"] = "not_due"
    reasons: tuple[Rule, ...] = ()
    training: Training | None = None

    @property
    def flow(self):
        return "retrain"


def read_summary(path):
    """Return (model, the Trained, Checked or Decision in a file, or why it cannot be used).

    model : "" where the file names none that can be.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        name = document["model"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        return "", _broken(path, type(error).__name__)
    if not is_name(name) and not (document.get("outcome") == "failed" and is_folder(name)):
        return "", _broken(path, f"model: {name!r}"[:100])
    try:
        return name, _kind(document).model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        return name, _broken(path, f"{'.'.join(map(str, first['loc']))}: {first['msg']}"[:200])


def _kind(document):
    if document.get("flow") == "retrain":
        return Decision
    return Checked if "failed" in document else Trained


def _broken(path, why):
    return BundleBroken(f"{path} is not what a run wrote.", value=why)
