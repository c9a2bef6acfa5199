"""Error answers in the document."""

from api.problems import title_of


def problem_answer(status):
    """Return the description of an error answer."""
    return {"description": title_of(int(status)),
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}
