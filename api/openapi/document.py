"""Put the document together for the models that serve now."""

from fastapi.openapi.utils import get_openapi

from api import answers
from api.openapi.errors import problem_answer
from api.openapi.predictions import answer_schemas, batch_operation, feedback_schema, row_operation
from headgate import __version__

DESCRIPTION = """Predictions from the models that passed every gate.

Errors are problem details (RFC 9457): `status`, `detail` and, for rows that cannot be used, `errors` with field, value
and limit. Every answer bears `X-Request-ID`: the one that was sent, or a new one."""
TAGS = [{"name": "predictions", "description": "One row, or many at once."},
        {"name": "feedback", "description": "What turned out to be true."},
        {"name": "models", "description": "Which versions answer, and what they are."},
        {"name": "about", "description": "The service itself."},
        {"name": "admin", "description": "Behind an admin key; off without one."}]
ALWAYS = ("400", "405", "408", "413", "415", "422", "500", "503")


def document(service, routes):
    """Return the OpenAPI document as a dict."""
    found = get_openapi(title="Headgate", version=__version__, description=DESCRIPTION, routes=routes, tags=TAGS)
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    problem = answers.Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    if service.state.served:
        schemas["Feedback"] = {"title": "Feedback", **feedback_schema(service.state)}
    found["paths"] = {**_predictions(service, schemas), **_with_problems(found["paths"])}
    if service.keys.path is not None:
        _with_keys(found)
    return found


def _predictions(service, schemas):
    state, paths = service.state, {}
    for served in [*state.served.values()]:
        schemas.update(answer_schemas(served, limit=service.settings.max_rows))
        paths[f"/models/{served.model}/predict"] = {"post": row_operation(served)}
        paths[f"/models/{served.model}/predict/batch"] = {"post": batch_operation(served)}
    default = state.served.get(state.default)
    if default is not None:
        paths = {"/predict": {"post": row_operation(default, default=True)},
                 "/predict/batch": {"post": batch_operation(default, default=True)}, **paths}
    return paths


def _with_problems(paths):
    """Every error is a Problem, also those that FastAPI describes otherwise."""
    for path, operations in paths.items():
        for operation in operations.values():
            operation["tags"] = operation["tags"][-1:]      # its own, not that of its file, or it would be shown twice
            answered = operation["responses"]
            answered.pop("422", None)
            for status in _troubles(path, operation):
                answered[status] = problem_answer(status)
            for status, one in answered.items():
                if status >= "400" and not (path == "/ready" and status == "503"):
                    one["content"] = problem_answer(status)["content"]
    return paths


def _troubles(path, operation):
    if "requestBody" in operation:
        return ALWAYS
    if "{name}" in path:
        return ("404", "500", "503", *(("408", "409", "413") if operation["tags"] == ["admin"] else ()))
    return ("500", *(("404", "503") if path == "/model/info" else ()))


def _with_keys(found):
    found["components"]["securitySchemes"] = {
        "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}, "bearer": {"type": "http", "scheme": "bearer"}}
    for operations in found["paths"].values():
        for operation in operations.values():
            if operation["tags"] != ["about"]:
                operation["security"] = [{"key": []}, {"bearer": []}]
                operation["responses"]["401"] = problem_answer("401")
            if operation["tags"] == ["predictions"]:
                operation["responses"]["403"] = problem_answer("403")       # to a probe without an admin key
