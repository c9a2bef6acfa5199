"""Errors as problem details (RFC 9457), one shape for every one of them."""

import logging
from dataclasses import dataclass, field
from http import HTTPStatus

import orjson

from headgate.errors import HeadgateError, NoPrevious
from headgate.rows.batch import TooManyRows
from headgate.rows.problem import NotJson, RowsRejected

log = logging.getLogger("headgate.api")
TYPE = b"application/problem+json"
TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}     # of RFC 9110; Python before 3.13 has older ones


def title_of(status):
    """Return the name of a status."""
    return TITLES.get(status) or HTTPStatus(status).phrase


@dataclass(eq=False)      # not frozen: whoever handles an exception sets its traceback
class Trouble(Exception):
    """An answer that is no. status : HTTP. detail : one sentence for the caller. more : further members; headers."""

    status: int
    detail: str
    more: dict = field(default_factory=dict)
    headers: tuple = ()

    def body(self, request_id):
        """Return the problem as JSON bytes."""
        return orjson.dumps({"type": "about:blank", "title": title_of(self.status), "status": self.status,
                             "detail": self.detail, "request_id": request_id, **self.more})


def trouble_of(error, request_id):
    """Return the Trouble that tells an exception; what nobody foresaw is logged, and told without detail."""
    if isinstance(error, Trouble):
        return error
    if isinstance(error, RowsRejected):
        return Trouble(422, str(error), {"errors": [one.to_dict() for one in error.problems], "rows": error.rows})
    if isinstance(error, TooManyRows):
        return Trouble(413, str(error))
    if isinstance(error, NotJson):
        return Trouble(400, str(error))
    from api.models.served import NoAnswer
    if isinstance(error, NoAnswer):
        return Trouble(422, str(error))
    if isinstance(error, HeadgateError):
        return Trouble(409 if error.exit_code == 1 or isinstance(error, NoPrevious) else 503, str(error))
    log.error("an unforeseen error", exc_info=error, extra={"request_id": request_id})
    return Trouble(500, "Something went wrong in the service; its log says more under this request_id.")
