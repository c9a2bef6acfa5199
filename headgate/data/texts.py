"""Values as text: one spelling for 1, 1.0 and "1", worked out once per distinct value."""

import math
import re

import numpy as np
import pandas as pd

WHOLE = re.compile(r"([+-]?\d+)\.0+")
TRUTH = {"true": "1", "false": "0", "1": "True", "0": "False"}


def as_text(value):
    """Return the one text of a value: whole floats without a point, True and False, ISO times."""
    if isinstance(value, (bool, np.bool_)):
        return "True" if value else "False"
    if isinstance(value, (float, np.floating)) and math.isfinite(value) and value == int(value):
        return str(int(value))
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


def factorize_text(series):
    """Return (codes (n,), texts list): code -1 is missing (null or blank text), else an index into texts.

    Two codes may have equal texts (the number 1 and the text "1").
    """
    try:
        codes, uniques = pd.factorize(series)
    except TypeError:
        codes, uniques = pd.factorize(series.map(str, na_action="ignore"))
    texts = [as_text(value) for value in uniques]
    blank = [i for i, text in enumerate(texts) if not text.strip()]
    if blank:
        codes = np.where(np.isin(codes, blank), -1, codes)
    return codes, texts


def text_series(codes, texts, index=None):
    """Put codes and texts together again as a pandas `str` Series with NaN for -1."""
    values = pd.array([*texts, None], dtype="str")
    return pd.Series(values.take(codes), index=index)


def without_point(text):
    """Return "1" for "1.0", any other text as it is."""
    whole = WHOLE.fullmatch(text)
    return whole[1] if whole else text


def match(text, allowed, truth=False):
    """Return the member of `allowed` that a text means, or the text itself.

    1.0 matches "1", TRUE matches "True"; with `truth` also True matches "1" and 1 matches "True".
    """
    if text in allowed:
        return text
    whole = without_point(text)
    if whole in allowed:
        return whole
    lower = text.lower()
    if lower in ("true", "false"):
        same = [item for item in allowed if item.lower() == lower]
        if same:
            return same[0]
    if truth:
        other = TRUTH.get(whole.lower())
        same = [item for item in allowed if other is not None and item.lower() == other.lower()]
        return same[0] if same else text
    return text
