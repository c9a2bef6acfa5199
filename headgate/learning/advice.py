"""What to tell of an error that a features.py raised: what is wrong, and what to write instead."""

import re

from headgate.learning.functions import WHOLE
from headgate.learning.mistakes import CHOOSE, mistake
from headgate.learning.offered import NotOffered

HOW = 'Take the functions from the column: xp = columns["x"].__array_namespace__(), then xp.log(columns["x"]).'
CORRECT = "Correct that line; docs/features.md tells what a features.py may do."

# For what no expression explains: (pattern of the message, what is wrong, what to write instead).
MESSAGES = (
    ("operand data types for 'where'", "`xp.where` needs a column in one of its places.",
     "Write xp.astype(condition, xp.float64), or xp.where(condition, x, 0.0)."),
    ("iteration requires|NoneType|has no len", "the function goes through rows, or counts them.", WHOLE),
    ("no propagated value|truth value", "a value is asked for before there are rows.", CHOOSE),
    ("read-only", "columns are read-only.", "Make a new column: x = x + 1."))


def advise(place, error, *, traced):
    """Return (what is wrong, what to write instead) for an error that a features.py raised.

    place : its Blame, or None. traced : True if the function ran on symbols, False if on NumPy arrays.
    """
    if isinstance(error, NotOffered):
        return error.args
    if isinstance(error, SystemExit):
        return (f"it would end the whole run (SystemExit: {error.code}).",
                "Return the features instead; for what must not happen raise an error that says so.")
    if isinstance(error, ImportError):
        return _said(error), "Install it, or do without: math and the functions of xp are always there."
    found = mistake(place, error, traced) if place else None
    return found or _by_message(error) or (_said(error), HOW if traced else CORRECT)


def _by_message(error):
    return next(((what, remedy) for pattern, what, remedy in MESSAGES if re.search(pattern, str(error))), None)


def _said(error):
    """Return an error's kind and its own words as one line."""
    words = " ".join(str(error).split())[:300]
    text = f"{type(error).__name__}: {words}" if words else type(error).__name__
    return text if text.endswith((".", "!", "?")) else f"{text}."
