"""From raw columns to one float32 matrix, before anything is fitted: the part that depends on the spec alone."""

from dataclasses import dataclass

import numpy as np

from headgate.errors import FeaturesError
from headgate.learning.calendar import calendar_parts
from headgate.learning.features import engineer

ABSENT = ("", "None", "nan")


@dataclass(frozen=True)
class Layout:
    """Which column of the matrix means what.

    numbers : names of the numeric columns, first in the matrix: raw numbers, calendar parts, engineered features.
    nullable : positions among them of columns that the spec lets be missing.
    categories : (name, categories) of each category column, after the numbers; its cell is the position of the
    value in the list, len(categories) for a value never listed, NaN for a missing one.
    """

    numbers: tuple
    nullable: tuple
    categories: tuple

    @property
    def names(self):
        """Names of the matrix' columns, in order."""
        return self.numbers + tuple(name for name, _ in self.categories)


def layout_of(spec, engineered):
    """Return the Layout for a spec and the names of its engineered features."""
    numbers, nullable = [], []
    for column in spec.columns:
        if column.kind == "category":
            continue
        if column.nullable:
            nullable.append(len(numbers))
        numbers += [column.name] if column.numeric else list(calendar_parts(column.name, np.zeros(1)))
    categories = tuple((column.name, tuple(column.categories)) for column in spec.columns
                       if column.kind == "category")
    layout = Layout((*numbers, *engineered), tuple(nullable), categories)
    twice = sorted({name for name in layout.names if layout.names.count(name) > 1})
    if twice:
        raise FeaturesError("Two columns would have one name.", value=twice,
                            remedy="Rename the feature or the column.")
    return layout


def to_matrix(spec, features, columns):
    """Return (matrix (n, d) float32, Layout) of raw `columns`; NaN is missing.

    Raises FeaturesError if a feature cannot be computed.
    """
    engineered = engineer(spec, features, columns)
    layout = layout_of(spec, tuple(engineered))
    matrix = np.empty((len(columns[spec.columns[0].name]), len(layout.names)), dtype=np.float32)
    with np.errstate(over="ignore"):
        for position, values in enumerate(_numbers(spec, columns, engineered)):
            matrix[:, position] = values
    for position, (name, categories) in enumerate(layout.categories, start=len(layout.numbers)):
        matrix[:, position] = _codes(columns[name], categories)
    return matrix, layout


def _numbers(spec, columns, engineered):
    for column in spec.columns:
        if column.numeric:
            yield columns[column.name]
        elif column.kind == "datetime":
            yield from calendar_parts(column.name, columns[column.name]).values()
    yield from engineered.values()


def codes_of(categories, missing):
    """Return text -> code: the position of each category, and `missing` for a text that stands for none.

    A missing text is ""; MLflow's model server makes "None" or "nan" of a null. A category of such a name stays one.
    """
    listed = {category: position for position, category in enumerate(categories) if category}
    return dict.fromkeys(ABSENT, missing) | listed


def _codes(values, categories):
    code, unknown = codes_of(categories, np.nan), len(categories)
    return np.fromiter((code.get(value, unknown) for value in values), dtype=np.float32, count=len(values))
