"""A typed frame as plain NumPy columns: what features, pipelines and graphs take."""

import numpy as np
import pandas as pd

from headgate.data.texts import factorize_text
from headgate.data.times import seconds
from headgate.errors import SourceError


def to_columns(frame, spec):
    """Return {name: array (n,)} in the order of the spec.

    number, integer, boolean : float64, NaN missing. category : object array of str, "" missing.
    datetime : float64 seconds since 1970-01-01 of the wall clock, NaN missing.
    Raises SourceError naming a column that the frame lacks.
    """
    absent = [name for name in spec.column_names if name not in frame]
    if absent:
        raise SourceError(f"The table has no column {absent[0]!r}, which the model needs.",
                          value=", ".join(map(str, frame.columns[:20])))
    return {column.name: _array(frame[column.name], column) for column in spec.columns}


def _array(series, column):
    if column.kind == "category":
        codes, texts = factorize_text(series)
        return np.array([*texts, ""], dtype=object)[codes]
    if column.kind == "datetime":
        return seconds(series) if pd.api.types.is_datetime64_any_dtype(series.dtype) else series.to_numpy("float64")
    return series.to_numpy(dtype="float64")
