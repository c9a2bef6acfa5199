"""The plain ASGI end of a request: what its head says, its body within limits, and the answer."""

import re
from typing import NamedTuple

from api.problems import TYPE, Trouble, trouble_of
from headgate.rows.problem import NotJson

JSON = b"application/json"
CLOSE = ((b"connection", b"close"),)
REQUEST_ID = re.compile(rb"[\x21-\x7e]{1,128}")


class Head(NamedTuple):
    """What the service reads of a request's headers.

    request_id : as the caller sent it, or b"". probe : it only asks whether the service answers rightly.
    """

    content_type: bytes = b""
    length: bytes = b""
    request_id: bytes = b""
    key: bytes = b""
    probe: bool = False


def head_of(headers):
    """Return the Head of pairs of name and value, as ASGI has them."""
    kind = length = name = key = b""
    probe = False
    for header, value in headers:
        if header == b"content-type":
            kind = value
        elif header == b"content-length":
            length = value
        elif header == b"x-request-id":
            name = value if REQUEST_ID.fullmatch(value) else b""
        elif header == b"x-api-key":
            key = value
        elif header == b"authorization" and value[:7].lower() == b"bearer ":
            key = key or value[7:].strip()
        elif header == b"x-headgate-probe":
            probe = True
    return Head(kind, length, name, key, probe)


def check_json(head):
    """Raise Trouble unless the body is said to be JSON."""
    kind = head.content_type.partition(b";")[0].strip().lower()
    if kind != JSON and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
        seen = kind.decode("latin-1") or "nothing"
        raise Trouble(415, f"The Content-Type must be application/json; seen {seen}.")


def explained(error, headers):
    """Return the error to tell; that a body was compressed is the reason why it is no JSON."""
    coded = next((value for name, value in headers if name == b"content-encoding"), b"identity")
    if not isinstance(error, NotJson) or coded.strip().lower() in (b"", b"identity"):
        return error
    return Trouble(415, f"The body may not be compressed; its Content-Encoding is {coded.decode('latin-1')[:40]}.",
                   headers=((b"accept-encoding", b"identity"),))


async def read_body(receive, head, *, limit, patience):
    """Return the whole body; raise Trouble when it is over `limit` bytes or takes longer than `patience` allows."""
    if head.length and int(head.length) > limit:
        raise too_large(limit)
    with patience:
        body = await _all(receive, limit)
    if len(body) > limit:
        raise too_large(limit)
    return body


def too_large(limit):
    """Return the Trouble of a body over the limit."""
    return Trouble(413, f"The body is larger than {limit / 1048576:g} MB. Send less at once.", headers=CLOSE)


async def _all(receive, limit):
    message = await receive()
    body = message.get("body", b"")
    if message["type"] == "http.request" and not message.get("more_body"):
        return body
    parts, size = [body], len(body)
    while message["type"] == "http.request" and message.get("more_body"):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            raise too_large(limit)
    if message["type"] == "http.disconnect":
        raise Gone()
    return b"".join(parts)


class Gone(Exception):
    """The caller hung up."""


async def answer(send, payload, request_id, *, status=200, kind=JSON, headers=()):
    """Send one whole answer."""
    await send({"type": "http.response.start", "status": status,
                "headers": [(b"content-type", kind), (b"content-length", b"%d" % len(payload)),
                            (b"x-request-id", request_id), *headers]})
    await send({"type": "http.response.body", "body": payload})


async def answer_trouble(send, error, request_id):
    """Send the problem that an exception is; returns its status."""
    trouble = trouble_of(error, request_id.decode("latin-1"))
    await answer(send, trouble.body(request_id.decode("latin-1")), request_id, status=trouble.status, kind=TYPE,
                 headers=trouble.headers)
    return trouble.status
