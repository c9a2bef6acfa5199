"""The prediction routes of one model: what they take, what they answer, and examples of both."""

from api.models.ids import PATTERN, TAIL
from api.openapi.errors import problem_answer
from api.openapi.rows import columns_schema, example_row, row_schema, statistics_of

EXAMPLE_ID = "0192f3a1b2c34d5e6f708192a3b4c5d6"
STATUSES = ("400", "405", "408", "413", "415", "422", "500", "503")


def names_of(served):
    """Return what the schemas of a model are called."""
    stem = served.model.replace("-", "_")
    return {part: f"{stem}.{part}" for part in ("row", "columns", "prediction", "batch", "batch_columns")}


def answer_schemas(served, *, limit):
    """Return name -> schema of rows and answers."""
    names, cell = names_of(served), _prediction_parts(served)
    common = {"model": {"type": "string"}, "model_version": {"type": "string"},
              "timestamp": {"type": "string", "format": "date-time"}}
    one = {**cell, **common}
    rows = {"type": "array", "items": _object(cell)}
    lists = {"prediction": _list(cell["prediction"]), "label": _list(cell["label"]),
             "probability": _list(cell["probability"]), "prediction_id": _list(cell["prediction_id"]),
             "probabilities": _object({name: _list(_SHARE) for name in served.classes})}
    seen = statistics_of(served)
    return {names["row"]: row_schema(served.spec, seen),
            names["columns"]: columns_schema(served.spec, seen, limit=limit),
            names["prediction"]: _object(one) | {"examples": [_example(served)]},
            names["batch"]: _object({"predictions": rows, "count": {"type": "integer"}, **common}),
            names["batch_columns"]: _object({"predictions": _object(lists), "count": {"type": "integer"}, **common}),
            f"{names['row']}s": {"type": "array", "minItems": 1, "maxItems": limit,
                                 "items": {"$ref": f"#/components/schemas/{names['row']}"}}}


def feedback_schema(state):
    """Return the schema of feedback: of each model its ids, and its classes as labels."""
    about = {"prediction_id": "As the prediction was answered.", "label": "The true class."}
    served = [one for _, one in sorted(state.served.items(), key=lambda pair: pair[0] != state.default)]
    return {"anyOf": [_object({
        "prediction_id": {"type": "string", "pattern": f"^{one.model}{TAIL}", "description": about["prediction_id"]},
        "label": {"type": "string", "enum": list(one.classes), "description": about["label"]}}) for one in served],
        "examples": [{"prediction_id": f"{one.model}.{EXAMPLE_ID}", "label": one.classes[-1]} for one in served]}


def row_operation(served, *, default=False):
    """Return the operation that predicts one row."""
    names = names_of(served)
    return _operation(served, "Predict one row", {"$ref": f"#/components/schemas/{names['row']}"},
                      {"$ref": f"#/components/schemas/{names['prediction']}"}, "predict", default, {
                          "example": {"summary": "A typical row",
                                      "value": example_row(served.spec, statistics_of(served))}})


def batch_operation(served, *, default=False):
    """Return the operation that predicts many rows."""
    names = names_of(served)
    body = {"oneOf": [_object({"instances": {"$ref": f"#/components/schemas/{names['row']}s"}}),
                      _object({"columns": {"$ref": f"#/components/schemas/{names['columns']}"}})]}
    row = example_row(served.spec, statistics_of(served))
    return _operation(served, "Predict many rows", body,
                      {"oneOf": [{"$ref": f"#/components/schemas/{names[part]}"}
                                 for part in ("batch", "batch_columns")]},
                      "predict_batch", default, {
                          "instances": {"summary": "Rows", "value": {"instances": [row, row]}},
                          "columns": {"summary": "Columns; the answer comes in columns, too",
                                      "value": {"columns": {name: [value] * 2 for name, value in row.items()}}}})


def _operation(served, summary, body, answer, name, default, examples):
    whose = f"{served.model}, the default model" if default else served.model
    return {"tags": ["predictions"], "summary": f"{summary} with {whose}",
            "description": served.spec.description + _note(served, name),
            "operationId": f"{name}_{'default' if default else served.model.replace('-', '_')}",
            "parameters": [{"name": "X-Request-ID", "in": "header", "required": False,
                            "description": "Comes back with the answer, if it is at most 128 visible ASCII characters; "
                                           "else the answer has a new one.",
                            "schema": {"type": "string"}}],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body, "examples": examples}}},
            "responses": {"200": {"description": "Predicted",
                                  "content": {"application/json": {"schema": answer}}},
                          **{status: problem_answer(status) for status in STATUSES}}}


def _note(served, name):
    if name != "predict_batch":
        return ""
    return "\n\nRows as `instances`, or lists as `columns`, which is faster. If a row cannot be used, none is " \
        "predicted, and `errors` names them by index."


_SHARE = {"type": "number", "minimum": 0, "maximum": 1}


def _prediction_parts(served):
    return {"prediction": {"type": "string", "enum": list(served.classes), "description": "The class."},
            "label": {"type": "string", "description": "What a person reads for the class."},
            "probability": {**_SHARE, "description": "Of the predicted class."},
            "probabilities": _object({name: _SHARE for name in served.classes}),
            "prediction_id": {"type": "string", "pattern": PATTERN, "description": "To send feedback with."}}


def _example(served):
    shares = {name: round(1 / len(served.classes), 3) for name in served.classes}
    return {"prediction": served.classes[0], "label": served.labels[0], "probability": shares[served.classes[0]],
            "probabilities": shares, "model": served.model, "model_version": served.version,
            "timestamp": "2026-03-01T08:30:00.000Z", "prediction_id": f"{served.model}.{EXAMPLE_ID}"}


def _object(properties):
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(properties)}


def _list(items):
    return {"type": "array", "items": items}
