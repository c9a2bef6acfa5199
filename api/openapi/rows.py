"""The JSON Schema of a row, from a spec's columns."""

from headgate.rows.columns import LARGEST
from headgate.rows.identity import LARGEST_NAME, LONGEST, identity_names


def row_schema(spec, seen=None):
    """Return the schema of one row: kinds, units, ranges, categories, nulls and an example.

    seen : column -> its statistics in training, as the bundle's reference.json has them.
    """
    seen = seen or {}
    properties = {column.name: cell_schema(column, seen.get(column.name)) for column in spec.columns}
    properties |= {name: {"type": ["string", "number", "null"], "maxLength": LONGEST,
                          "exclusiveMinimum": -LARGEST_NAME, "exclusiveMaximum": LARGEST_NAME,
                          "description": "Names the row in the prediction log; no model sees it."}
                   for name in identity_names(spec)}
    return {"type": "object", "additionalProperties": False, "properties": properties,
            "required": [column.name for column in spec.columns if not column.nullable],
            "examples": [example_row(spec, seen)]}


def columns_schema(spec, seen=None, *, limit):
    """Return the schema of a columnar body: one list per column, all of one length."""
    rows = row_schema(spec, seen)
    lists = {name: {"type": "array", "minItems": 1, "maxItems": limit, "items": schema}
             for name, schema in rows["properties"].items()}
    return {"type": "object", "additionalProperties": False, "properties": lists, "required": rows["required"],
            "minProperties": 1,
            "description": "One list per column, all of one length.",
            "examples": [{name: [value] * 2 for name, value in example_row(spec, seen).items()}]}


def cell_schema(column, seen=None):
    """Return the schema of one cell."""
    schema = {"number": _number, "integer": _number, "category": _category, "boolean": lambda one: {"type": "boolean"},
              "datetime": lambda one: {"type": "string", "format": "date-time"}}[column.kind](column)
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    unit = f" ({column.unit})" if column.unit else ""
    schema["description"] = f"{column.description}{unit}".strip()
    schema["examples"] = [example(column, seen)]
    return {name: value for name, value in schema.items() if value != ""}


def example(column, seen=None):
    """Return a plausible value: the most frequent or the median of training, unless it is private or not told.

    Then the first category, or the middle of the range.
    """
    seen = seen if seen and not column.private else {}
    if column.kind == "category":
        counts = {name: seen.get("counts", {}).get(name, 0) for name in column.categories}
        return max(counts, key=counts.get)
    if column.kind == "datetime":
        return "2026-03-01T08:30:00Z"
    quantiles = seen.get("quantiles", ())
    middle = quantiles[len(quantiles) // 2] if quantiles else None
    if column.kind == "boolean":
        return middle is None or middle >= 0.5
    return _number_near(column, middle)


def example_row(spec, seen=None):
    """Return a row that the model takes."""
    return {column.name: example(column, (seen or {}).get(column.name)) for column in spec.columns}


def statistics_of(served):
    """Return column -> its statistics in training, of a Served."""
    return served.facts.get("reference", {}).get("columns", {})


def _number_near(column, middle):
    """Return a number to read, near `middle` and within the range."""
    low, high = column.range or (-LARGEST, LARGEST)
    if middle is None:
        middle = (low + high) / 2 if column.range else 1.0
    middle = min(max(middle, low), high)
    near = round(middle) if column.kind == "integer" else float(f"{middle:.4g}")
    near = near if low <= near <= high else middle
    return int(near) if near == int(near) else near


def _number(column):
    low, high = column.range or (-LARGEST, LARGEST)
    kind = "integer" if column.kind == "integer" else "number"
    return {"type": kind, "minimum": _short(low), "maximum": _short(high)}


def _short(value):
    return int(value) if value == int(value) and abs(value) < 2 ** 53 else value


def _category(column):
    if column.unknown == "treat_as_unknown":
        return {"type": "string", "pattern": r"\S", "description": ""} | {"x-known-values": column.categories}
    return {"type": "string", "enum": list(column.categories)}
