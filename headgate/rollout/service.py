"""A Headgate service over HTTP: each answer within its time, whatever the other side does."""

import http.client
import json
import socket
import threading
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from headgate.errors import HeadgateError, ServiceAway

SECONDS = 10.0
LARGEST = 32 * 1024 * 1024
PROBE = {"X-Headgate-Probe": "deployment"}


@dataclass(frozen=True)
class Reply:
    """status : of HTTP.  text : the whole body."""

    status: int
    text: str

    @property
    def document(self):
        """The body as JSON, or {} if it is no JSON object."""
        try:
            found = json.loads(self.text)
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @property
    def detail(self):
        """What a problem says, in one line."""
        return str(self.document.get("detail") or " ".join(self.text.split())[:200] or "no text")


class Service:
    """Asks the service at `url`. Each request has a connection of its own, so that every worker has its turn.

    key : API key, or "". seconds : for one answer, from the first byte sent to the last one read.
    """

    def __init__(self, url, *, key="", seconds=SECONDS):
        self.url, self._key, self.seconds = check_url(url), key, seconds

    def __repr__(self):
        return f"Service({self.url!r})"

    def get(self, path):
        """Return the Reply to GET; raise ServiceAway."""
        return self._ask("GET", path, None, {})

    def post(self, path, document=None, *, probe=False):
        """Return the Reply to POST; raise ServiceAway. probe : the request is no caller's, and leaves no trace."""
        return self._ask("POST", path, json.dumps(document or {}).encode(), PROBE if probe else {})

    def _ask(self, method, path, body, more):
        headers = {"Accept": "application/json", "Connection": "close", **more}
        if self._key:
            headers["X-API-Key"] = self._key
        if body is not None:
            headers["Content-Type"] = "application/json"
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        connection = kind(parts.hostname, parts.port, timeout=self.seconds)
        with _Deadline(self.seconds) as deadline:
            try:
                connection.connect()
                deadline.line = connection.sock     # which the connection itself forgets before the answer is read
                reply = self._exchange(connection, method, parts.path.rstrip("/") + path, body, headers)
                if deadline.over:       # headers that were cut off look like whole ones
                    raise TimeoutError
                return reply
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise self._away(method, path, error, deadline.over or isinstance(error, TimeoutError)) from None
            finally:
                connection.close()

    def _exchange(self, connection, method, path, body, headers):
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        payload = answer.read(LARGEST + 1)
        if len(payload) > LARGEST:
            raise http.client.HTTPException(f"an answer of over {LARGEST // 1024 ** 2} MB")
        expected = answer.getheader("Content-Length")
        if expected is not None and len(payload) < int(expected):
            raise http.client.HTTPException("the answer was cut off")
        return Reply(answer.status, payload.decode("utf-8", "replace"))

    def _away(self, method, path, error, late):
        seen = f"no whole answer to {method} {path} within {self.seconds:g} s" if late else \
            f"{method} {path}: {' '.join(str(error).split()) or type(error).__name__}"
        return ServiceAway(f"The service at {self.url} does not answer.", value=seen,
                           remedy="Is it running, and is this its address?")


def check_url(url):
    """Return the base URL of a service without a slash at its end; raise HeadgateError for what is none."""
    try:
        parts = urlsplit(url.strip())
        good = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and not parts.query
    except (ValueError, AttributeError):
        good = False
    if not good or parts.username or parts.fragment:
        shown = "a URL with a user or password in it" if good and parts.username else repr(url)
        raise HeadgateError("This is no address of a service.", value=shown, limit="http://HOST:PORT or https://HOST",
                            remedy="API keys are read from the environment, not from the address.")
    return url.strip().rstrip("/")


class _Deadline:
    """Ends a connection whose time is over, also in the middle of an answer that drips."""

    def __init__(self, seconds):
        self.line, self.over = None, False
        self._clock = threading.Timer(seconds, self._cut)
        self._clock.daemon = True

    def __enter__(self):
        self._clock.start()
        return self

    def __exit__(self, *_):
        self._clock.cancel()

    def _cut(self):
        self.over = True
        if self.line is not None:
            with suppress(OSError):
                self.line.shutdown(socket.SHUT_RDWR)
