"""Does an HTTP server answer?"""

import http.client
import json
from urllib.parse import urlsplit


def answers(url, *, seconds=5):
    """True when GET `url` is answered with 200."""
    return _ask(url, "GET", None, seconds) is not None


def ask(url, document=None, *, seconds=5):
    """Return the JSON that a server answers with to GET, or to POST of a `document`; None unless it is one."""
    body = _ask(url, "GET" if document is None else "POST", document, seconds)
    try:
        return None if body is None else json.loads(body)
    except ValueError:
        return None


def _ask(url, method, document, seconds):
    try:
        parts = urlsplit(url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=seconds)
    except (ValueError, http.client.InvalidURL, AttributeError):        # no URL at all: it has no host
        return None
    try:
        headers = {"Content-Type": "application/json"} if document is not None else {}
        connection.request(method, parts.path or "/", json.dumps(document) if headers else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        return body if answer.status in (200, 201) else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
