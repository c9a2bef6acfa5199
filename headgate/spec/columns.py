"""The column list: stated once, used by validation, training, signature and request schema."""

import math
from typing import Literal

from pydantic import Field, field_validator, model_validator

from headgate.spec.base import Strict, as_texts

Kind = Literal["number", "integer", "boolean", "category", "datetime"]


class Column(Strict):
    """One raw column that the model may see."""

    name: str = Field(min_length=1)
    kind: Kind
    description: str = ""
    unit: str | None = None
    range: tuple[float, float] | None = Field(None, description="[lowest, highest], both allowed.")
    categories: list[str] | None = Field(None, description="Every value of a category column, as text.")
    nullable: bool = False
    max_null_share: float = Field(0.5, ge=0, le=1, description="Of a nullable column.")
    outside: Literal["reject", "drop"] = Field(
        "reject", description="Rows out of range or categories: reject the table, or drop them in training.")
    unknown: Literal["reject", "treat_as_unknown"] = Field(
        "reject", description="A category never listed: refuse it, or score it as unknown.")
    private: bool = Field(False, description="Never written to the prediction log.")

    @field_validator("categories", mode="before")
    @classmethod
    def _as_text(cls, value):
        return as_texts(value)

    @field_validator("range", mode="before")
    @classmethod
    def _two_numbers(cls, value):
        return value if value is None else _numbers(value)

    @model_validator(mode="after")
    def _consistent(self):
        if self.range is not None:
            _check_range(self)
        if self.kind == "category" and not self.categories:
            raise ValueError(f"column {self.name!r} is a category: list its categories")
        if self.kind != "category" and self.categories is not None:
            raise ValueError(f"column {self.name!r} is of kind {self.kind}: only a category has categories")
        if self.categories is not None and len(set(self.categories)) != len(self.categories):
            raise ValueError(f"column {self.name!r} lists a category twice")
        return self

    @property
    def numeric(self):
        """True for number, integer and boolean."""
        return self.kind in ("number", "integer", "boolean")


def _numbers(value):
    try:
        low, high = (float(end) for end in value if not isinstance(end, bool))
        if isinstance(value, (list, tuple)) and math.isfinite(low) and math.isfinite(high):
            return low, high
    except (TypeError, ValueError):
        pass
    raise ValueError(f"must be two numbers [low, high], neither of them infinite (leave the range out where there is "
                     f"none); seen {value!r}")


def _check_range(column):
    if column.kind not in ("number", "integer"):
        raise ValueError(f"column {column.name!r} is of kind {column.kind}: only number and integer have a range")
    low, high = column.range
    if not low < high:
        raise ValueError(f"column {column.name!r} has the impossible range [{low}, {high}]: "
                         "the first number must be smaller than the second")
