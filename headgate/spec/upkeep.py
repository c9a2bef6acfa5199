"""What is watched of a model that serves, and when it is trained again."""

from typing import Literal

from pydantic import Field

from headgate.spec.base import Strict


class Drift(Strict):
    """How far current rows may be from the champion's training rows."""

    method: Literal["psi", "jensen_shannon"] = Field(
        "psi", description="What a column is judged by; both are always shown.")
    max_psi: float = Field(0.25, gt=0, description="Per column, against the champion's reference.")
    max_jensen_shannon: float = Field(0.2, gt=0, le=1, description="The same as a distance from 0 to 1.")
    max_share: float = Field(0.5, ge=0, le=1, description="Validation: share of columns that may have moved.")
    max_weighted_share: float = Field(
        0.3, ge=0, le=1, description="Drift: share of the champion's importance that may sit in columns that moved.")
    max_prediction_psi: float = Field(0.25, gt=0, description="Of the predicted classes.")
    min_rows: int = Field(500, ge=20, description="On either side; with fewer nothing is compared.")
    window_days: int | None = Field(30, ge=1, description="Current rows are this old at most; null: any age.")


class Budget(Strict):
    """How many trainings there may have been, whoever started them, for retraining to start another."""

    trainings: int = Field(8, ge=0)
    days: int = Field(30, ge=1)


class Retraining(Strict):
    """When there is a reason to train again, and what holds it back. A rule that is null is never a reason."""

    every_days: int | None = Field(30, ge=1, description="The champion's data may be this old.")
    drift: bool = Field(True, description="Drift is a reason.")
    min_accuracy: float | None = Field(
        None, ge=0, le=1, description="Floor on newly labelled rows; the accuracy gate's own when left out.")
    min_labelled: int = Field(500, ge=20, description="Newly labelled rows before accuracy is judged.")
    new_rows_share: float | None = Field(
        0.2, gt=0, description="New labelled rows as a share of the champion's training rows that are enough.")
    prediction_log: bool = Field(True, description="Learn from predictions that got their true label, too.")
    cooldown_days: int = Field(1, ge=0, description="Least days since the last training, whoever started it.")
    budget: Budget = Budget()
