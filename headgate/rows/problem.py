"""What is wrong with the rows of a request."""

from dataclasses import dataclass

from headgate.errors import Refusal
from headgate.rows.words import allowed, shown, unknown

REPORTED = 100


@dataclass(frozen=True)
class Problem:
    """One thing wrong. field : column, or "" for the row itself. value : as JSON text. index : row of a batch."""

    field: str
    value: str
    limit: str
    message: str
    index: int | None = None

    def to_dict(self):
        """Return it as an entry of `errors` in an answer."""
        found = {"field": self.field, "value": self.value, "limit": self.limit, "message": self.message}
        return found if self.index is None else {"index": self.index, **found}


class NotJson(Refusal):
    """A body that is no JSON, or says one thing twice."""


class RowsRejected(Refusal):
    """Rows that no model may see. `problems`: the first of them; `rows`: how many rows have any."""

    def __init__(self, problem, value=None, limit=None, remedy=None, problems=(), rows=1):
        super().__init__(problem, value, limit, remedy)
        self.args = (problem, value, limit, remedy, problems, rows)
        self.problems, self.rows = tuple(problems), rows


def outside(column, value, index=None):
    """Return the Problem of a value that its column does not allow."""
    limit, seen = allowed(column), shown(value)
    return Problem(column.name, seen, limit, f"{column.name} must be {limit}; seen {seen}.", index)


def absent(column, index=None):
    """Return the Problem of a column that is not there."""
    limit = allowed(column)
    return Problem(column.name, "nothing", limit, f"{column.name} is missing; it must be {limit}.", index)


def stranger(name, value, names, index=None):
    """Return the Problem of a field that is no column."""
    return Problem(shown(name)[1:-1], shown(value), "a column of this model", unknown(name, names), index)


def rejected(problems, rows=1):
    """Return the RowsRejected for one request."""
    first = problems[0]
    what = first.message if rows == 1 and first.index is None else f"{rows} of the rows cannot be used; row " \
        f"{first.index}: {first.message}"
    return RowsRejected(what, problems=tuple(problems[:REPORTED]), rows=rows)
