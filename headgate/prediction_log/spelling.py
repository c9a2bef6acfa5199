"""What a person writes for a value of a key, in the spellings by which the log may hold it."""

import math

from headgate.prediction_log.entry import text_of
from headgate.rows.times import iso_of, seconds_of


def spellings(spec, name, text):
    """Return the texts (a tuple) that a value may be in the log: as it was written, and as its column's kind spells it.

    spec : of the model, or None. A column that is none of the model's has no kind: its values are logged as they came.
    """
    column = next((one for one in spec.columns if one.name == name), None) if spec else None
    spell = {"number": _number, "integer": _number, "boolean": _truth,
             "datetime": lambda one: _time(one, spec.data.time_zone)}.get(column.kind if column else None)
    return tuple(dict.fromkeys([text, *([spell(text)] if spell else [])]))


def guesses(spec, name, text):
    """Return those texts and what a number, a truth or a time would be, for a column whose kind is not known."""
    zone = spec.data.time_zone if spec else "UTC"
    return tuple(dict.fromkeys([*spellings(spec, name, text), _number(text), _truth(text), _time(text, zone)]))


def _number(text):
    try:
        value = float(text)
    except ValueError:
        return text
    return text_of(value) if math.isfinite(value) else text


def _truth(text):
    return {"true": "True", "false": "False"}.get(text.lower(), text)


def _time(text, zone):
    try:
        return iso_of(seconds_of(text, zone))
    except ValueError:
        return text
