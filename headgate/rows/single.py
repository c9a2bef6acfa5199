"""Read one row out of a request: pydantic checks it while it parses the JSON."""

from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from typing_extensions import NotRequired, TypedDict

from headgate.rows.columns import LARGEST
from headgate.rows.duplicates import check_said_once
from headgate.rows.identity import LONGEST, identity_names, usable
from headgate.rows.problem import REPORTED, NotJson, Problem, absent, outside, rejected, stranger
from headgate.rows.times import seconds_of


class RowReader:
    """Reads single rows for one spec."""

    def __init__(self, spec):
        self.columns = {column.name: column for column in spec.columns}
        self._identity = identity_names(spec)
        self.names = (*self.columns, *self._identity)
        self._texts = [column.name for column in spec.columns if column.kind in ("category", "datetime")]
        fields = {name: _field(column, spec.data.time_zone) for name, column in self.columns.items()}
        fields |= {name: NotRequired[Annotated[object, AfterValidator(_named)]] for name in self._identity}
        row = TypedDict("Row", fields)
        row.__pydantic_config__ = ConfigDict(extra="forbid")
        self._adapter = TypeAdapter(row)

    def read(self, body):
        """Return the row in a JSON body: column -> float, text or None; datetimes as seconds; nulls may be left out.

        Raises NotJson, RowsRejected.
        """
        try:
            row = self._adapter.validate_json(body)
        except ValidationError as error:
            raise self._explained(error) from None
        check_said_once(body, len(row), sum(row.get(name) is not None for name in self._texts) + self._named(row))
        return row

    def problems(self, row, index=None):
        """Return the Problems of a parsed row (any JSON value), as `read` finds them."""
        try:
            self._adapter.validate_python(row)
        except ValidationError as error:
            return self._told(error, index)
        return []

    def _named(self, row):
        """Count the texts that name the row."""
        return sum(type(row.get(name)) is str for name in self._identity) if self._identity else 0

    def _explained(self, error):
        if error.errors()[0]["type"] == "json_invalid":
            return NotJson("The body is not JSON.", value=error.errors()[0]["ctx"]["error"])
        return rejected(self._told(error))

    def _told(self, error, index=None):
        found = {}
        for one in error.errors(include_url=False)[:REPORTED]:
            name = one["loc"][0] if one["loc"] else None
            found.setdefault(name, self._problem(one, name, index))
        return list(found.values())

    def _problem(self, one, name, index):
        if name is None:
            return Problem("", "", "an object of columns", "A row must be a JSON object of column to value.", index)
        if one["type"] == "extra_forbidden":
            return stranger(name, one["input"], self.names, index)
        if name not in self.columns:
            return Problem(name, "", "null, a number or a short text",
                           f"{name} names the row: it must be null, a number, or a text of at most {LONGEST} "
                           "characters.",
                           index)
        if one["type"] == "missing":
            return absent(self.columns[name], index)
        return outside(self.columns[name], one["input"], index)


def _field(column, zone):
    kind = {"number": _number, "integer": _number, "boolean": lambda one: Annotated[bool, Field(strict=True)],
            "category": _text, "datetime": lambda one: Annotated[str, Field(strict=True), AfterValidator(
                lambda text: seconds_of(text, zone))]}[column.kind](column)
    return NotRequired[kind | None] if column.nullable else kind


def _number(column):
    low, high = column.range or (-LARGEST, LARGEST)
    number = Annotated[float, Field(strict=True, ge=low, le=high, allow_inf_nan=False)]
    return Annotated[number, AfterValidator(_whole)] if column.kind == "integer" else number


def _text(column):
    if column.unknown == "treat_as_unknown":
        return Annotated[str, StringConstraints(strict=True, pattern=r"[^\s\x1c-\x1f]")]
    return Literal[tuple(column.categories)]


def _whole(value):
    """`multiple_of` would let 1000000000.5 pass: it allows for rounding."""
    if not value.is_integer():
        raise ValueError("no whole number")
    return value


def _named(value):
    if not usable(value):
        raise ValueError("no name of a row")
    return value
