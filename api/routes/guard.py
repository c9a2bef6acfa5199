"""Around FastAPI: keys, limits, request ids, counts, and no exception that leaves."""

import re
import time

from starlette.routing import Match

from api.models.ids import now
from api.problems import Trouble
from api.routes.exchange import Gone, answer_trouble, check_json, explained, head_of, read_body
from headgate.rows.duplicates import check_plain

SMALL = 16_384      # bytes of whatever is no prediction
PREDICTIONS = re.compile(r"(/models/[^/]+)?/predict(/batch)?")
OPEN = {"/", "/health", "/ready", "/metrics", "/docs", "/openapi.json"}


class Guard:
    """An ASGI application around `app`; the prediction routes guard themselves. routes : of Starlette, to count by."""

    def __init__(self, app, service, routes):
        self.app, self.service, self.routes = app, service, routes

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http" or scope["method"] == "POST" and PREDICTIONS.fullmatch(scope["path"]):
            return await self.app(scope, receive, send)
        if scope["method"] == "HEAD":       # the server keeps the body to itself
            scope = {**scope, "method": "GET"}
        started, head = time.perf_counter(), head_of(scope["headers"])
        name = head.request_id or self.service.ids.new(now()).encode()
        scope["headgate.request_id"] = name.decode("latin-1")
        sent = _Sent(send, name)
        try:
            await self.app(scope, await self._checked(scope, receive, head), sent)
        except Gone:
            sent.status = 499
        except Exception as error:
            if not sent.status:
                await answer_trouble(sent, explained(error, scope["headers"]), name)
        self.service.book.count(self._route(scope), sent.status, time.perf_counter() - started)

    async def _checked(self, scope, receive, head):
        """Check the key and take the body in, within its limits; return a `receive` that gives it."""
        if scope["path"] not in OPEN and not scope["path"].startswith("/docs/"):
            self.service.keys.check(head)
        if "\n" in scope["path"]:
            raise Trouble(404, "There is nothing at a path with a line break in it.")   # which patterns do not see
        if scope["method"] not in ("POST", "PUT", "PATCH"):
            return receive
        body = await read_body(receive, head, limit=min(SMALL, self.service.max_body), patience=self.service.patience)
        if scope["path"] == "/feedback":
            check_json(head)
            check_plain(body)       # FastAPI's parser takes other encodings too, and the last of two keys
        return _replay(body, receive)

    def _route(self, scope):
        """Return the route's pattern, never the path itself, which a caller could make up without end."""
        path = getattr(scope.get("route") or self._meant(scope), "path", None)
        return path.strip("/").replace("/", "_") or "root" if path else "other"

    def _meant(self, scope):
        """Return the route that a request would have reached, had it not been refused before."""
        return next((route for route in self.routes if route.matches(scope)[0] is not Match.NONE), None)


class _Sent:
    """Sends on, with the request's id, and remembers the status."""

    def __init__(self, send, request_id):
        self.send, self.request_id, self.status = send, request_id, 0

    async def __call__(self, message):
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = [one for one in message.get("headers", ()) if one[0] != b"x-request-id"]
            message = {**message, "headers": [*headers, (b"x-request-id", self.request_id)]}
        await self.send(message)


def _replay(body, receive):
    messages = iter([{"type": "http.request", "body": body, "more_body": False}])

    async def replayed():
        return next(messages, None) or await receive()

    return replayed
