"""ModelSpec: everything a team states about one model."""

import math
import re
from datetime import date, datetime
from typing import Literal, get_args

from pydantic import Field, field_validator, model_validator

from headgate.spec.base import Strict, as_texts
from headgate.spec.columns import Column
from headgate.spec.gates import BaselineGate, Gate, check_stated_once, with_defaults
from headgate.spec.name import ModelName
from headgate.spec.notify import Notify
from headgate.spec.sources import Join, Keep, Source
from headgate.spec.upkeep import Drift, Retraining

Algorithm = Literal["hist_gradient_boosting", "random_forest", "logistic_regression", "xgboost", "neural_net"]
ALGORITHMS = get_args(Algorithm)


class Holdout(Strict):
    """The rows that judge: the newest days where there is a time column, else a share of the rows."""

    days: int | None = Field(None, ge=1)
    share: float | None = Field(None, gt=0, lt=0.9)


class Data(Strict):
    source: Source
    joins: list[Join] = []
    keep: list[Keep] = []
    key: list[str] = Field([], description="Columns that name a row; no two rows may share them.")
    time_column: str | None = None
    time_zone: str = Field("UTC", description="IANA zone in which as_of and holdout days are counted.")
    as_of: date | Literal["now"] = Field("now", description="The pipeline sees only rows before this day.")
    window_days: int | None = Field(None, ge=1, description="Only rows this many days before as_of.")
    holdout: Holdout = Holdout()
    max_removed_share: float = Field(0.05, ge=0, lt=1, description="Cleaning may drop this share of rows.")
    min_rows: int = Field(100, ge=10)
    min_class_rows: int = Field(10, ge=2)
    max_age_days: int | None = Field(None, ge=0, description="The newest row may be this old at as_of.")

    @field_validator("as_of", mode="before")
    @classmethod
    def _day_or_now(cls, value):
        return value if value == "now" else _day(value)


def _day(value):
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            return date.fromisoformat(value)
    except (TypeError, ValueError):
        pass
    raise ValueError(f"must be a day of the calendar written YYYY-MM-DD, such as 2013-11-01, or now; seen {value!r}")


class Threshold(Strict):
    """A binary target read off a number: the last class where the column is at least this."""

    column: str
    at_least: float


class Target(Strict):
    column: str
    classes: list[str] = Field(min_length=2, description="As text; of two, the last is the positive class.")
    labels: dict[str, str] = Field({}, description="What a person reads for a class.")
    derive: Threshold | None = None
    threshold: float = Field(0.5, gt=0, lt=1, description="Binary: positive from this probability on.")
    class_weight: Literal["balanced"] | dict[str, float] | None = None

    @field_validator("classes", mode="before")
    @classmethod
    def _as_text(cls, value):
        return as_texts(value)

    @field_validator("class_weight", mode="before")
    @classmethod
    def _balanced_or_numbers(cls, value):
        return value if value in (None, "balanced") else _weights(value)

    @field_validator("labels", mode="before")
    @classmethod
    def _keys_as_text(cls, value):
        return {str(key): text for key, text in value.items()} if isinstance(value, dict) else value

    @model_validator(mode="after")
    def _consistent(self):
        if len(set(self.classes)) != len(self.classes):
            raise ValueError(f"target lists a class twice: {self.classes}")
        if self.derive is not None and len(self.classes) != 2:
            raise ValueError(f"a derived target has two classes, not {len(self.classes)}")
        if self.threshold != 0.5 and len(self.classes) != 2:
            raise ValueError(f"a threshold of {self.threshold:g} needs two classes, not {len(self.classes)}: "
                             "of more, the likeliest is the answer")
        named = set(self.labels) | (set(self.class_weight) if isinstance(self.class_weight, dict) else set())
        if named - set(self.classes):
            raise ValueError(f"labels or weights for no class of {self.classes}: {sorted(named - set(self.classes))}")
        if isinstance(self.class_weight, dict) and not any(self.class_weight.get(name, 1) for name in self.classes):
            raise ValueError("class_weight must not be 0 for every class")
        return self


def _weights(value):
    wanted = "must be balanced, or a number of at least 0 for each class; seen"
    if not isinstance(value, dict):
        raise ValueError(f"{wanted} {value!r}")
    for name, weight in value.items():
        if isinstance(weight, bool) or not isinstance(weight, (int, float)) or not 0 <= weight < math.inf:
            raise ValueError(f"{wanted} {weight!r} for {name!r}")
    return {str(name): weight for name, weight in value.items()}


class Slice(Strict):
    """One group of rows per value of a category or boolean column, each judged alone."""

    column: str
    at_least: float | None = Field(None, ge=0, le=1)


class Search(Strict):
    """Budget of a search over hyperparameters given as lists or as {low, high}."""

    trials: int = Field(20, ge=1)
    minutes: float = Field(5.0, gt=0)


class Rollout(Strict):
    bootstrap: bool = Field(True, description="The first version that passes every gate becomes champion.")
    watch_seconds: float = Field(300.0, ge=0, le=86_400, description="So long a new champion is watched in production.")
    max_error_rise: float = Field(0.01, ge=0, lt=1, description="The share of errors may rise by so much.")
    max_slowdown: float = Field(2.0, gt=1, le=1000, description="Mean and p99 may grow to so many times.")


class ModelSpec(Strict):
    """A model.yaml, whole."""

    name: ModelName
    description: str = ""
    data: Data
    columns: list[Column] = Field(min_length=1)
    target: Target
    slices: list[Slice] = []
    algorithms: dict[Algorithm, dict] = Field(min_length=1)
    search: Search = Search()
    seed: int = Field(0, ge=0, lt=2 ** 32)
    gates: list[Gate] | None = None
    drift: Drift = Drift()
    retraining: Retraining = Retraining()
    rollout: Rollout = Rollout()
    notify: Notify = Notify()

    @field_validator("algorithms", mode="before")
    @classmethod
    def _parameters_may_be_left_out(cls, value):
        if isinstance(value, list):
            return {name: {} for name in value}
        return {name: body or {} for name, body in value.items()} if isinstance(value, dict) else value

    @field_validator("slices", mode="before")
    @classmethod
    def _a_name_is_enough(cls, value):
        return [{"column": item} if isinstance(item, str) else item for item in value] if isinstance(value, list) \
            else value

    @model_validator(mode="after")
    def _consistent(self):
        _check_columns(self)
        _check_holdout(self.data)
        check_stated_once(self.gates or [])
        return self

    @property
    def column_names(self):
        """Names of the raw columns, in order."""
        return tuple(column.name for column in self.columns)

    def column(self, name):
        """Return the column of that name."""
        return next(column for column in self.columns if column.name == name)

    @property
    def all_gates(self):
        """Every gate to run, with defaults filled in; empty when the spec says `gates: []`."""
        return with_defaults(self.gates)

    @property
    def stored(self):
        """What is stored with a version, as plain values: all but who is told, which is no property of a model."""
        return self.model_dump(mode="json", exclude={"notify"})

    @property
    def binary(self):
        return len(self.target.classes) == 2


def _check_columns(spec):
    names = spec.column_names
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"columns are listed twice: {twice}")
    hidden = {spec.target.column} | ({spec.target.derive.column} if spec.target.derive else set())
    if hidden & set(names):
        raise ValueError(f"the target is among the columns, so the model would see the answer: "
                         f"{sorted(hidden & set(names))}; take it off the list")
    for piece in spec.slices:
        if piece.column not in names or spec.column(piece.column).kind not in ("category", "boolean"):
            raise ValueError(f"slice {piece.column!r} is no category or boolean column of this model")
    for gate in spec.gates or []:
        if isinstance(gate, BaselineGate) and gate.rule and gate.rule.column not in names:
            raise ValueError(f"the baseline rule's column {gate.rule.column!r} is not listed")
        if isinstance(gate, BaselineGate) and gate.rule and not spec.binary:
            raise ValueError("a one-column baseline rule needs a binary target")


def _check_holdout(data):
    if data.time_column is None and data.holdout.days is not None:
        raise ValueError("holdout.days needs data.time_column; without one state holdout.share")
    if data.time_column is not None and data.holdout.share is not None:
        raise ValueError("with a time column the holdout is its newest days: state holdout.days, not share")
    if data.time_column is None and (data.window_days or data.max_age_days is not None):
        raise ValueError("window_days and max_age_days need data.time_column")
    if data.time_column is None and data.as_of != "now":
        raise ValueError("as_of needs data.time_column")
