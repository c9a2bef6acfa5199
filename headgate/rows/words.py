"""What a column allows and what was seen instead, in words."""

import json

from headgate.spec.explain import nearest

SHOWN = 60          # characters of a value
NAMED = 12          # categories that are listed before "and N more"


def allowed(column):
    """Return what a value of the column must be, such as "a number from -120 to 1800 (min)"."""
    text = {"number": _number, "integer": _number, "category": _category, "boolean": lambda one: "true or false",
            "datetime": lambda one: 'an ISO 8601 time such as "2013-10-31T17:05"'}[column.kind](column)
    return f"{text}, or null" if column.nullable else text


def shown(value):
    """Return a value as JSON, cut to a readable length."""
    try:
        text = json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        text = f"a {type(value).__name__}"
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN - 1]}…"


def unknown(name, names):
    """Return what to say of a field that no column is called."""
    return f"{name!r} is no column of this model. {nearest(name, list(names)) or 'Leave it out.'}"


def _number(column):
    kind = "a whole number" if column.kind == "integer" else "a number"
    unit = f" ({column.unit})" if column.unit else ""
    return kind + (f" from {column.range[0]:.15g} to {column.range[1]:.15g}" if column.range else "") + unit


def _category(column):
    if column.unknown == "treat_as_unknown":
        return "a text that is not blank"
    listed = ", ".join(json.dumps(one, ensure_ascii=False) for one in column.categories[:NAMED])
    more = len(column.categories) - NAMED
    return f"one of {listed}" + (f" and {more} more" if more > 0 else "")
