"""What a comparison found: one ColumnDrift per column, together a Comparison."""

from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class ColumnDrift:
    """How far one column moved.

    psi : in nats. jensen_shannon : from 0 to 1. drifted : the one that the spec judges by is over its limit.
    weight : share of the champion's importance. missing_reference, missing_now : shares of empty cells.
    unreadable : cells that were none of the column's kind and count as missing. note : what numbers do not tell, or "".
    """

    column: str
    kind: str
    psi: float
    jensen_shannon: float
    drifted: bool
    weight: float
    missing_reference: float
    missing_now: float
    unreadable: int = 0
    note: str = ""

    def to_dict(self):
        return asdict(self)


@dataclass(frozen=True)
class PredictionDrift:
    """How far the predicted classes moved. reference, now : class -> share. rows : predictions that were looked at."""

    psi: float
    jensen_shannon: float
    drifted: bool
    reference: dict
    now: dict
    rows: int

    def to_dict(self):
        return asdict(self)


@dataclass(frozen=True)
class Comparison:
    """outcome : "drift", "none" or "held". columns : furthest first, by weight among those that moved.

    weighted_share : of the champion's importance, in columns that moved; limit : at most this much may.
    missing_rows : how many more rows would be needed, where it was held. weights : "importance" or "equal".
    notes : sentences that a reader should not miss. reasons : which limits were passed, "columns" or "predictions".
    """

    outcome: str
    sentence: str
    rows: int
    reference_rows: int
    columns: tuple = ()
    weighted_share: float | None = None
    limit: float | None = None
    predictions: PredictionDrift | None = None
    weights: str = "importance"
    missing_rows: int = 0
    notes: tuple = ()
    reasons: tuple = ()
    left_out: dict = field(default_factory=dict)

    @property
    def drifted(self):
        """Names of the columns that moved."""
        return tuple(column.column for column in self.columns if column.drifted)

    def to_dict(self):
        return {**asdict(self), "columns": [column.to_dict() for column in self.columns], "notes": list(self.notes),
                "reasons": list(self.reasons), "drifted_columns": list(self.drifted)}
