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
    """Return a value as JSON, cut to a readable length; of a list or an object only how large it is."""
    if isinstance(value, (list, tuple, dict)) and value:
        return f"an object of {len(value)} keys" if isinstance(value, dict) else f"a list of {len(value)} values"
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 10 ** SHOWN:
        return f"a whole number of over {SHOWN} digits"
    text = json.dumps(value[:SHOWN + 1] if isinstance(value, str) else value, ensure_ascii=False, default=str)
    text = text.encode("utf-8", "replace").decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN - 1]}…"


def unknown(name, names):
    """Return what to say of a field that no column is called."""
    likely = nearest(name, list(names)) if len(name) <= SHOWN else ""
    return f"{shown(name)[1:-1]!r} is no column of this model. {likely or 'Leave it out.'}"


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
