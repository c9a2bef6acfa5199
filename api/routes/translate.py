"""What FastAPI and Starlette raise, as problem details."""

from fastapi.responses import Response

from api.problems import TYPE, Trouble, trouble_of
from headgate.rows.problem import REPORTED
from headgate.rows.words import shown

IDENTITY = "the prediction_id of an answer, MODEL.ID or MODEL.ID.ROW"


async def told(request, error):
    """Answer any error."""
    name = request.scope.get("headgate.request_id", "")
    trouble = trouble_of(error, name)
    headers = {key.decode(): value.decode() for key, value in trouble.headers}
    return Response(trouble.body(name), trouble.status, headers, media_type=TYPE.decode())


async def http_error(request, error):
    """Answer what routing raises: no such path, or not with this method."""
    detail = {404: f"There is nothing at {request.url.path}. See /docs.",
              405: f"{request.url.path} does not take {request.method}."}.get(error.status_code, str(error.detail))
    headers = tuple((key.lower().encode(), value.encode()) for key, value in (error.headers or {}).items())
    return await told(request, Trouble(error.status_code, detail, headers=headers))


async def invalid_request(request, error):
    """Answer a body that FastAPI refuses, in the words of all other bodies."""
    found = error.errors()
    if found and found[0]["type"] == "json_invalid":
        return await told(request, Trouble(400, f"The body is not JSON: {found[0]['ctx']['error']}."))
    errors = [_entry(one) for one in found[:REPORTED]]
    return await told(request, Trouble(422, errors[0]["message"], {"errors": errors}))


def _entry(one):
    field = ".".join(str(part) for part in one["loc"][1:]) or "The body"
    seen, limit = shown(one.get("input")), one["msg"].removeprefix("Value error, ")
    message = f"{field}: {limit}; seen {seen}."
    if one["type"] == "missing":
        seen, limit, message = "nothing", "a value", f"{field} is missing."
    elif one["type"] == "string_pattern_mismatch":
        limit, message = IDENTITY, f"{field} must be {IDENTITY}; seen {seen}."
    return {"field": "" if field == "The body" else field, "value": seen, "limit": limit, "message": message}
