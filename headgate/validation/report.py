"""What validation found: one Check per question asked, together a ValidationReport."""

from dataclasses import asdict, dataclass, field, fields

MOST_ROWS = 100
MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Check:
    """One question and its answer.

    rule : name of the function of `headgate.validation.checks.CHECKS` that asked.
    column : the column asked about, or None for the table as a whole.
    observed, limit : finite numbers in the unit of `measure`; `observed` is None if the check was skipped or found
        nothing to measure, `limit` is None if it was skipped.
    ok : whether the limit was kept; a skipped check is ok.
    sentence : what was found and what to do about it.
    measure : what `observed` counts: "share of rows", "rows", "columns", "share of columns", "days", "classes".
    count : how many rows break the rule, whether or not so many are allowed.
    examples : up to MOST_EXAMPLES dicts; of rows: `row` (position in the table as read, from 0) and the cells that
        matter; of "distribution": every column with its PSI.
    rows : positions of the first MOST_ROWS rows that made the check fail.
    expectation : the Great Expectations expectation that measured it; "" if Headgate measured it.
    """

    rule: str
    column: str | None
    observed: float | int | None
    limit: float | int | None
    ok: bool
    sentence: str
    measure: str = "share of rows"
    count: int = 0
    examples: tuple = ()
    rows: tuple = ()
    expectation: str = ""

    @property
    def skipped(self):
        """True for a check that had nothing to compare with; its sentence says why."""
        return self.ok and self.limit is None

    @property
    def status(self):
        """"failed", "skipped" or "passed"."""
        return "failed" if not self.ok else "skipped" if self.skipped else "passed"

    def to_dict(self):
        """Return the check as JSON types."""
        return {**asdict(self), "examples": list(self.examples), "rows": list(self.rows)}

    @classmethod
    def from_dict(cls, value):
        """The inverse of `to_dict`."""
        return cls(**{**value, "examples": tuple(value["examples"]), "rows": tuple(value["rows"])})


@dataclass(frozen=True)
class ValidationReport:
    """Every check of one table, failed ones first.

    model : name of the model; rows : rows of the table as read; as_of : ISO date or None.
    offenders : position of a failed check in `checks` -> positions (int array) of ALL rows that break it; lives in
        memory only and is not part of `to_dict`.
    """

    model: str
    rows: int
    checks: tuple
    as_of: str | None = None
    offenders: dict | None = field(default=None, compare=False, repr=False)

    @property
    def ok(self):
        """True if no check failed."""
        return all(check.ok for check in self.checks)

    @property
    def failed(self):
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.ok)

    @property
    def summary(self):
        """One sentence: the verdict."""
        skipped = sum(check.skipped for check in self.checks)
        asked, rest = len(self.checks) - skipped, f"; {skipped} skipped." if skipped else "."
        if self.ok:
            return f"{self.rows:,} rows of {self.model} passed all {asked} checks{rest}"
        return f"{len(self.failed)} of {asked} checks failed on {self.rows:,} rows of {self.model}{rest}"

    def to_dict(self):
        """Return the report as JSON types."""
        return {"model": self.model, "rows": self.rows, "as_of": self.as_of, "ok": self.ok, "summary": self.summary,
                "checks": [check.to_dict() for check in self.checks]}

    @classmethod
    def from_dict(cls, value):
        """The inverse of `to_dict`; the result has no `offenders`."""
        known = {item.name for item in fields(cls)} - {"checks", "offenders"}
        return cls(checks=tuple(Check.from_dict(check) for check in value["checks"]),
                   **{name: value[name] for name in known})
