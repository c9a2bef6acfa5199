"""The limits of each gate; one left out of a spec has the defaults here."""

import math
from typing import Annotated, Literal

from pydantic import Field, model_validator

from headgate.spec.base import Strict

Metric = Literal["accuracy", "balanced_accuracy", "f1", "roc_auc", "recall", "precision", "log_loss"]


class MetricGate(Strict):
    """A score on the holdout against a floor (log_loss: a ceiling)."""

    gate: Literal["metric", "accuracy"] = "accuracy"
    metric: Metric = "accuracy"
    at_least: float | None = Field(None, allow_inf_nan=True)    # _check_limit says what is allowed instead
    at_most: float | None = Field(None, allow_inf_nan=True)

    @model_validator(mode="after")
    def _one_limit(self):
        wants = "at_most" if self.metric == "log_loss" else "at_least"
        other = "at_least" if wants == "at_most" else "at_most"
        if getattr(self, other) is not None:
            raise ValueError(f"{self.metric} is gated by {wants}")
        if getattr(self, wants) is None:
            if self.metric != "accuracy":
                raise ValueError(f"{self.metric} needs {wants}")
            object.__setattr__(self, "at_least", 0.90)
        _check_limit(self.metric, wants, getattr(self, wants))
        return self


def _check_limit(metric, name, value):
    highest = math.inf if metric == "log_loss" else 1
    if not 0 <= value <= highest or math.isinf(value):
        allowed = "a number from 0 up" if metric == "log_loss" else "a share from 0 to 1 (0.9, not 90)"
        raise ValueError(f"{name} of {metric} must be {allowed}; seen {value}")


class CrossValidationGate(Strict):
    gate: Literal["cross_validation"] = "cross_validation"
    folds: int = Field(3, ge=2, le=20)
    margin: float = Field(0.02, ge=0, le=1, description="The mean may be this much under the accuracy floor.")
    max_spread: float = Field(0.10, ge=0, le=1, description="Highest fold less lowest fold.")


class OneColumnRule(Strict):
    """A rule a person would use: the last class when the column is at least this."""

    column: str
    at_least: float


class BaselineGate(Strict):
    """Better than trivial: over the majority class, and over a one-column rule if there is one."""

    gate: Literal["baseline"] = "baseline"
    rule: OneColumnRule | None = None


class ChampionGate(Strict):
    gate: Literal["champion"] = "champion"
    margin: float = Field(0.02, gt=0, lt=1, description="Non-inferiority margin, in accuracy.")


class SlicesGate(Strict):
    gate: Literal["slices"] = "slices"
    at_least: float = Field(0.80, ge=0, le=1, description="Floor of a slice that names none.")
    small_under: int = Field(500, ge=1, description="A slice of fewer rows fails only if its 95 % interval does.")


class CalibrationGate(Strict):
    gate: Literal["calibration"] = "calibration"
    at_most: float = Field(0.10, ge=0, le=1, description="Expected calibration error.")


class ParityGate(Strict):
    gate: Literal["parity"] = "parity"
    tolerance: float = Field(1e-4, gt=0, le=0.1, description="Largest difference of a probability.")
    max_rows_over: float = Field(0.0, ge=0, le=0.05, description="Share of rows allowed over the tolerance.")


class CostGate(Strict):
    gate: Literal["cost"] = "cost"
    max_milliseconds: float = Field(20.0, gt=0, description="Median of one row through the graph.")
    max_megabytes: float = Field(200.0, gt=0, description="Size of the graph.")


Gate = Annotated[
    MetricGate | CrossValidationGate | BaselineGate | ChampionGate | SlicesGate | CalibrationGate
    | ParityGate | CostGate, Field(discriminator="gate")]
DEFAULTS = (MetricGate(), CrossValidationGate(), BaselineGate(), ChampionGate(), SlicesGate(),
            CalibrationGate(), ParityGate(), CostGate())


def check_stated_once(gates):
    """Raise ValueError for a gate stated twice; for one metric twice, in the case of metrics."""
    names = [getattr(gate, "metric", gate.gate) for gate in gates]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"gates: {', '.join(map(repr, twice))} stated twice, and only one limit can hold; keep one")


def with_defaults(gates):
    """Return every gate to run, in the order of the defaults; none at all if the list is empty."""
    if gates is None:
        return DEFAULTS
    if not gates:
        return ()
    chosen = []
    for default in DEFAULTS:
        stated = [gate for gate in gates if type(gate) is type(default)]
        if isinstance(default, MetricGate) and not any(gate.metric == "accuracy" for gate in stated):
            stated = [default, *stated]
        chosen.extend(stated or [default])
    return tuple(chosen)
