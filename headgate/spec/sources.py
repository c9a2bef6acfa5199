"""Where a model's table comes from: exactly one of four kinds."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from headgate.spec.base import Strict


UNCLOSED = re.compile(r"\$\{(?![A-Za-z_][A-Za-z0-9_]*\})[^}\s/]*\}?")


def _closed(text):
    """Return `text`; raises ValueError where a ${VARIABLE} in it is not closed, or has a name that none can have."""
    wrong = UNCLOSED.search(text or "")
    if wrong:
        name = re.sub(r"\W", "", wrong[0]) or "NAME"
        raise ValueError(f"{wrong[0]!r} is no variable: write ${{{name}}}, in letters, digits and _")
    return text


Template = Annotated[str, AfterValidator(_closed)]


class SqlSource(Strict):
    url: Template = Field(description="SQLAlchemy URL; write secrets as ${VARIABLE}.")
    query: Template = Field(description="A SELECT that returns the table.")


class Source(Strict):
    """One table: `package` with `file`, or `csv`, or `parquet`, or `sql`."""

    package: str | None = Field(None, description="Python package that ships the table.")
    file: str | None = Field(None, description="Path of the CSV or Parquet file inside the package.")
    csv: Template | None = Field(None, description="Path (relative to the model folder) or fsspec URL.")
    parquet: Template | None = Field(None, description="Path (relative to the model folder) or fsspec URL.")
    sql: SqlSource | None = None
    encoding: str = Field("utf-8", description="Text encoding of a CSV.")
    separator: str = Field(",", min_length=1, max_length=1, description="Column separator of a CSV.")
    decimal: Literal[".", ","] = Field(".", description="Decimal mark of the numbers of a CSV.")
    thousands: Literal[",", ".", " ", "'", "_"] | None = Field(
        None, description="Mark between groups of three digits in the numbers of a CSV.")
    columns: list[str] | None = Field(None, min_length=1, description="Column names of a CSV that has no header line.")
    skip_rows: int = Field(0, ge=0, description="Lines to leave out at the top of a CSV.")

    @model_validator(mode="after")
    def _exactly_one(self):
        named = [kind for kind in ("package", "csv", "parquet", "sql") if getattr(self, kind) is not None]
        if len(named) != 1:
            raise ValueError(f"name exactly one of package, csv, parquet, sql; {len(named)} are named: {named}")
        if (self.package is None) != (self.file is None):
            raise ValueError("package and file belong together")
        if self.decimal == self.thousands:
            raise ValueError(f"decimal and thousands are both {self.decimal!r}: then 1{self.decimal}234 is two numbers")
        if self.columns is not None and len(set(self.columns)) != len(self.columns):
            raise ValueError(f"columns of the source are named twice: {self.columns}")
        return self


class Join(Strict):
    """A second table joined to the first by equal keys; rows without a match get nulls."""

    source: Source
    on: list[str] = Field(min_length=1)
    columns: list[str] = Field(min_length=1, description="Columns taken from the joined table.")


class Keep(Strict):
    """A stated rule: rows that do not meet it are no rows of this model (no data error)."""

    column: str
    at_least: float | None = None
    at_most: float | None = None
    one_of: list[str | int | float] | None = None
    not_null: bool = False
    why: str = Field(min_length=1)

    @model_validator(mode="after")
    def _states_a_rule(self):
        if self.at_least is None and self.at_most is None and self.one_of is None and not self.not_null:
            raise ValueError("state at least one of at_least, at_most, one_of, not_null")
        return self
