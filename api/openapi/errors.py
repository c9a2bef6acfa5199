"""Error answers in the document."""

from http import HTTPStatus


def problem_answer(status):
    """Return the description of an error answer."""
    return {"description": HTTPStatus(int(status)).phrase,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
