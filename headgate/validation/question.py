"""A question to a table: what Great Expectations shall measure, and how the answer is judged."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.validation.expectations import Ask
from headgate.validation.report import MOST_EXAMPLES, MOST_ROWS, Check

LONGEST_CELL = 80


@dataclass(frozen=True)
class Question:
    """One question.

    ask : what to measure, or None if `judge` measures by itself; judge : Measured -> Answer.
    """

    rule: str
    column: str | None
    ask: Ask | None
    judge: Callable


@dataclass(frozen=True)
class Answer:
    """Fields of a Check, and `mask`: a function that finds the rows that break the rule (bool (n,)), or None."""

    observed: float | int | None
    limit: float | int | None
    ok: bool
    sentence: str
    measure: str = "share of rows"
    count: int = 0
    mask: Callable | None = None
    examples: tuple = ()


def share_of_rows(table, count, limit, sentence, mask):
    """Answer a question of the form: at most this share of all rows may break the rule."""
    observed = count / table.rows if table.rows else 0.0
    return Answer(observed, limit, observed <= limit, sentence, count=count, mask=mask)


def percent(share):
    """Say a share: `5.0 %`; one that would round to nothing says so."""
    return "under 0.1 %" if 0 < share < 0.001 else f"{100 * share:.1f} %"


def at_most(limit):
    """Say a share of rows as a limit."""
    return "none is allowed" if limit == 0 else f"at most {percent(limit)} is allowed"


def to_check(table, question, measured):
    """Judge one question; returns the Check and the positions (int array) of all rows that made it fail."""
    answer = question.judge(measured)
    broken = np.empty(0, dtype=np.int64)
    if answer.count and not answer.ok and answer.mask is not None:
        broken = np.flatnonzero(answer.mask())
    examples = answer.examples or tuple(_example(table, question.column, row) for row in broken[:MOST_EXAMPLES])
    check = Check(question.rule, question.column, _number(answer.observed), _number(answer.limit), bool(answer.ok),
                  answer.sentence, answer.measure, int(answer.count), examples,
                  tuple(int(row) for row in broken[:MOST_ROWS]),
                  question.ask.expectation if question.ask else "")
    return check, broken


def _number(value):
    if value is None or isinstance(value, (bool, int)):
        return value
    return None if not math.isfinite(value) else float(value)


def _example(table, column, row):
    names = [*table.spec.data.key, table.spec.data.time_column, column]
    if column is None:
        names += table.spec.column_names[:6]
    private = {item.name for item in table.spec.columns if item.private}
    cells = {name: "(private)" if name in private else plain(table.frame[name].iloc[row])
             for name in dict.fromkeys(names) if name in table.frame}
    return {"row": int(row), **cells}


def plain(cell):
    """Return one cell as a JSON type: None for a missing one, text for dates and infinities, long text cut."""
    if cell is None or cell is pd.NaT or cell is pd.NA or isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, np.generic):
        return plain(cell.item())
    if isinstance(cell, (bool, int)) or isinstance(cell, float) and math.isfinite(cell):
        return cell
    text = str(cell)
    return text if len(text) <= LONGEST_CELL else text[:LONGEST_CELL - 1] + "…"
