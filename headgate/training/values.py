"""The small frozen values that travel between the steps of a training: a place, a digest, a few numbers."""

from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path


@dataclass(frozen=True)
class Request:
    """What is to be trained, resolved: nothing in it depends on the clock any more.

    model : name of the folder under models/.
    as_of : the day before which rows are seen, or None without a time column.
    algorithms : names to compare; a subset of the spec's, or others with their defaults.
    data : path or URL of a table that replaces the spec's source, or None.
    labelled : path of a snapshot of rows that were labelled elsewhere and are added to the table, or None.
    fingerprint : digest of the source as it is now.
    key : digest of everything that the outcome depends on.
    """

    model: str
    as_of: date | None
    algorithms: tuple[str, ...]
    data: str | None
    fingerprint: str
    key: str
    labelled: str | None = None


@dataclass(frozen=True)
class ReadTable:
    """A table that was read: `key` names its content, the frame itself stays on the shelf of the process.

    added : rows of it that come from the prediction log.
    """

    key: str
    request: Request
    rows: int
    dropped: dict
    source: str
    added: int = 0


@dataclass(frozen=True)
class Validated:
    """The outcome of validation, with its report files by kind (html, markdown, json)."""

    ok: bool
    rows: int
    failed: tuple[str, ...]
    reports: dict
    quarantine: str | None


@dataclass(frozen=True)
class Scored:
    """One algorithm judged by cross-validation on training rows."""

    algorithm: str
    parameters: dict
    folds: tuple[float, ...]
    seconds: float
    trials: tuple = ()

    @property
    def mean(self):
        """Mean accuracy over the folds; NaN without folds."""
        return sum(self.folds) / len(self.folds) if self.folds else float("nan")


@dataclass(frozen=True)
class Candidate:
    """A fitted model as a folder that holds its graph and what the gates need."""

    uri: str
    digest: str
    algorithm: str
    parameters: dict
    folds: tuple[float, ...]
    training_rows: int
    holdout_rows: int

    @property
    def folder(self):
        return Path(self.uri)


@dataclass(frozen=True)
class Judged:
    """A candidate after the gates: its sealed bundle, the bundle's digest, the verdict, its holdout accuracy."""

    uri: str
    digest: str
    verdict: dict
    accuracy: float | None
    algorithm: str

    @property
    def folder(self):
        return Path(self.uri)


@dataclass(frozen=True)
class Summary:
    """What a training run came to, as its command prints it."""

    model: str
    outcome: str
    verdict: str | None
    version: str | None
    accuracy: float | None
    gates: tuple = ()
    data_digest: str | None = None
    run_id: str | None = None
    report: str | None = None
    algorithm: str | None = None
    sentence: str = ""
    bundle: str | None = None
    as_of: str | None = None
    flow_run: str | None = None
    mlflow_run: str | None = None
    quarantine: str | None = None

    def to_dict(self):
        return asdict(self)
