"""Numbers as people write them: 1.234,50 is 1234.5 where "," is the decimal mark and "." groups thousands."""

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from headgate.errors import SourceError


@dataclass(frozen=True)
class Numerals:
    """A way of writing numbers. decimal : mark before the fraction. thousands : mark between groups of three."""

    decimal: str = "."
    thousands: str | None = None

    @property
    def plain(self):
        """True if numbers are written as Python writes them."""
        return self == Numerals()

    def matches(self, texts):
        """Return a mask (n,) of the texts that are whole numbers or fractions written so; a null is none."""
        return texts.str.fullmatch(self._pattern()).eq(True).to_numpy(dtype=bool, na_value=False)

    def rewritten(self, texts):
        """Return texts that match as Python writes them: "1.234,50" becomes "1234.50"."""
        if self.thousands is not None:
            texts = texts.str.replace(self.thousands, "", regex=False)
        return texts if self.decimal == "." else texts.str.replace(self.decimal, ".", regex=False)

    def _pattern(self):
        point, whole = re.escape(self.decimal), "[0-9]+"
        if self.thousands is not None:
            whole = f"(?:[0-9]{{1,3}}(?:{re.escape(self.thousands)}[0-9]{{3}})+|[0-9]+)"
        return rf"\s*[+-]?(?:{whole}(?:{point}[0-9]*)?|{point}[0-9]+)(?:[eE][+-]?[0-9]+)?\s*"


def rewritten_column(series, numerals, shown):
    """Return a column of text with its numbers as Python writes them; any other text stays for validation to see.

    Raises SourceError for a number written in another way: 1.234 is not 1234 and not 1.234 where "," is the decimal.
    """
    fits = numerals.matches(series)
    texts = numerals.rewritten(series).where(fits, series)
    others = np.isfinite(pd.to_numeric(series, errors="coerce").to_numpy("float64", na_value=np.nan)) & ~fits
    if others.any():
        raise SourceError(f"{shown} has numbers in {series.name!r} that are not written as its source states.",
                          value=f"{int(others.sum())} such as {series[others].iloc[0]!r}",
                          limit=f"decimal {numerals.decimal!r}, thousands {numerals.thousands!r}",
                          remedy="Correct `decimal:` and `thousands:` beside `csv:` in model.yaml, or the cells.")
    if (~fits & series.notna()).any():
        return texts
    numbers = pd.to_numeric(texts)
    if numbers.dtype != "float64":
        return numbers
    return pd.Series(exact(texts, numbers.to_numpy()), index=texts.index, name=texts.name)


def exact(texts, values):
    """Return `values` (float64 (n,), NaN for none) as Python reads `texts`: pandas.to_numeric is off by a bit at times.
    """
    there = ~np.isnan(values)
    try:
        found = texts.to_numpy()[there].astype("float64")
    except (ValueError, TypeError, OverflowError):      # objects that only pandas takes for numbers
        return values
    values = values.copy()
    values[there] = found
    return values
