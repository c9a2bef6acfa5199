"""The JSON Schema of a row, from a spec's columns."""

from headgate.rows.columns import LARGEST
from headgate.rows.identity import LARGEST_NAME, LONGEST, identity_names


def row_schema(spec):
    """Return the schema of one row: kinds, units, ranges, categories, nulls and an example."""
    properties = {column.name: cell_schema(column) for column in spec.columns}
    properties |= {name: {"type": ["string", "number", "null"], "maxLength": LONGEST,
                          "exclusiveMinimum": -LARGEST_NAME, "exclusiveMaximum": LARGEST_NAME, "description": "Names the row in the prediction log; no model sees it."}
                   for name in identity_names(spec)}
    return {"type": "object", "additionalProperties": False, "properties": properties,
            "required": [column.name for column in spec.columns if not column.nullable],
            "examples": [example_row(spec)]}


def columns_schema(spec, *, limit):
    """Return the schema of a columnar body: one list per column, all of one length."""
    rows = row_schema(spec)
    lists = {name: {"type": "array", "minItems": 1, "maxItems": limit, "items": schema}
             for name, schema in rows["properties"].items()}
    return {"type": "object", "additionalProperties": False, "properties": lists, "required": rows["required"],
            "minProperties": 1,
            "description": "One list per column, all of one length.",
            "examples": [{name: [value] * 2 for name, value in example_row(spec).items()}]}


def cell_schema(column):
    """Return the schema of one cell."""
    schema = {"number": _number, "integer": _number, "category": _category, "boolean": lambda one: {"type": "boolean"},
              "datetime": lambda one: {"type": "string", "format": "date-time"}}[column.kind](column)
    if column.nullable:
        schema["type"] = [schema["type"], "null"]
        if "enum" in schema:
            schema["enum"] = [*schema["enum"], None]
    unit = f" ({column.unit})" if column.unit else ""
    schema["description"] = f"{column.description}{unit}".strip()
    schema["examples"] = [example(column)]
    return {name: value for name, value in schema.items() if value != ""}


def example(column):
    """Return a plausible value: the middle of the range, the first category."""
    if column.kind == "category":
        return column.categories[0]
    if column.kind == "boolean":
        return True
    if column.kind == "datetime":
        return "2026-03-01T08:30:00Z"
    low, high = column.range or (0.0, 2.0)
    middle = (low + high) / 2
    return round(middle) if column.kind == "integer" or high - low >= 10 else float(f"{middle:.3g}")


def example_row(spec):
    """Return a row that the model takes."""
    return {column.name: example(column) for column in spec.columns}


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
