"""The version that current rows are compared with, and the rows that it was trained on."""

from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path

from headgate.bundle.read import read_evaluation, read_lineage, read_spec_of
from headgate.errors import BundleBroken, VersionNotFound
from headgate.registry import read
from headgate.scoring.request import choose
from headgate.scoring.values import Chosen
from headgate.spec import ModelSpec, load_spec

REFERENCE = "reference.parquet"


@dataclass(frozen=True)
class Champion:
    """A registered version whose bundle is whole.

    spec : columns and target as they were when it was trained; where rows come from, and the limits of drift and
        retraining, as model.yaml says now. lineage : where it came from. created : milliseconds since 1970.
    home : the model's folder, where relative paths of the spec start.
    """

    chosen: Chosen
    spec: ModelSpec
    lineage: dict
    created: int
    home: Path

    @property
    def model(self):
        return self.chosen.model

    @property
    def as_of(self):
        """The day before which it saw rows, or None."""
        return self.lineage.get("as_of") and date.fromisoformat(self.lineage["as_of"])

    @property
    def trained(self):
        """The day that its training stood on; without a time column the day when it was registered."""
        return self.as_of or datetime.fromtimestamp(self.created / 1000, timezone.utc).date()

    @property
    def importance(self):
        """Raw column -> drop in accuracy when it is shuffled; {} where that was not measured."""
        return read_evaluation(self.chosen.folder).get("importance") or {}

    @property
    def reference(self):
        """Path of the sample of its training rows."""
        return Path(self.chosen.folder) / REFERENCE

    def read_reference(self):
        """Return that sample, a typed frame."""
        import pandas as pd

        return pd.read_parquet(self.reference)


def find_champion(workspace, model, version="champion"):
    """Return the Champion of that number or alias, its bundle verified against its digest.

    Raises VersionNotFound without one, BundleBroken when its bundle is not what was registered or has no reference.
    """
    try:
        chosen = choose(workspace, model, version)
    except VersionNotFound as error:
        raise VersionNotFound(f"There is no reference to compare with: {error.problem}", error.value, error.limit,
                              error.remedy) from None
    if not (Path(chosen.folder) / REFERENCE).is_file():
        raise BundleBroken(f"Version {chosen.version} of {model!r} has no {REFERENCE}, a sample of its training rows.",
                           remedy=f"Compare with another version, or train one: python -m flows.train --model {model}.")
    home = workspace.root / "models" / model
    theirs = read_spec_of(chosen.folder)
    return Champion(chosen, _as_stated_now(theirs, home), read_lineage(chosen.folder),
                    read.find_version(workspace, model, chosen.version).created, home)


def _as_stated_now(theirs, home):
    if not (home / "model.yaml").is_file():
        return theirs
    ours = load_spec(home)
    return theirs.model_copy(update={"data": ours.data, "drift": ours.drift, "retraining": ours.retraining})
