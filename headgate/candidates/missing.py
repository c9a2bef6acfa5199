"""The models of which a run left no result: told, and carried as missing.json to where the team is told."""

import json

from typing import Literal

from pydantic import BaseModel, ConfigDict, TypeAdapter

from headgate.errors import BundleBroken
from headgate.notices.notice import Notice
from headgate.spec.name import FolderName

MISSING = "missing.json"
EVERY = "every model"
HEADLINES = {"train": "could not be trained", "retrain": "whether a training is due could not be decided",
             "validate": "could not be validated", "deploy": "could not be deployed"}
WHATS = {"train": "The training left no result, and nothing was registered.",
         "retrain": "Whether it is to be trained again could not be decided, and it was not.",
         "validate": "Its data could not be validated.",
         "deploy": "What waits to be released could not be looked at, and nothing was deployed."}
ABOUT = {"train": "training", "retrain": "retraining", "validate": "validate", "deploy": "deployment"}
LOGS = {"train": "the logs of its trainings", "retrain": "the log of its decision", "validate": "the log of its job",
        "deploy": "the log of its job"}


class Missing(BaseModel):
    """A model without a result, and why. algorithms : those of which there is none; empty where they differ.

    model : EVERY where it is not about one. flow : train, retrain, validate or deploy.
    """

    model_config = ConfigDict(frozen=True)
    model: FolderName
    algorithms: tuple[str, ...] = ()
    sentence: str
    flow: Literal["train", "retrain", "validate", "deploy"] = "train"

    @property
    def headline(self):
        return HEADLINES[self.flow]

    def to_dict(self):
        return {**self.model_dump(), "algorithms": list(self.algorithms)}


def write_missing(folder, missing):
    """Write missing.json into `folder`."""
    (folder / MISSING).write_text(json.dumps([one.to_dict() for one in missing], indent=1) + "\n", encoding="utf-8")


def read_missing(folder):
    """Return each Missing that was written into `folder`; none where nothing was."""
    path = folder / MISSING
    if not path.is_file():
        return ()
    try:
        return TypeAdapter(tuple[Missing, ...]).validate_json(path.read_bytes())
    except (OSError, ValueError) as error:
        raise BundleBroken(f"{path} is not what a comparison wrote.", value=type(error).__name__) from None


def notice_of(missing, *, serving="", run=""):
    """Return the Notice of a model without a result."""
    logs = LOGS[missing.flow]
    return Notice("failed", missing.model, WHATS[missing.flow], why=missing.sentence, serving=serving,
                  about=ABOUT[missing.flow], look=(f"{logs}: {run}" if run else logs,))
