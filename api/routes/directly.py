"""Single rows whose request is there as a whole: answered without ASGI and without a task of their own."""

import asyncio
import time
from http import HTTPStatus

from api.models.ids import now
from api.problems import TYPE, trouble_of
from api.routes.exchange import JSON, explained, head_of
from api.routes.predict import ROW_BYTES, Predict, admit, done

LINES = {one.value: b"HTTP/1.1 %d %b\r\n" % (one.value, one.phrase.encode()) for one in HTTPStatus}
FINE = LINES[200]


class Directly:
    """Answers single rows of `model`, or of the default model, as Predict does.

    limit : bytes of a body that it takes.
    """

    def __init__(self, service, model=None):
        self.service, self.model, self.limit = service, model, min(ROW_BYTES, service.max_body)
        self._done = []

    def answer(self, headers, body, write):
        """Answer at once and return None; or return a Gather, which will within this turn of the loop.

        headers : pairs of lower-case name and value. body : bytes, at most `limit`. write : takes the whole
        answer, bytes.
        """
        asked = _Asked(self, headers, body, write)
        try:
            gather = asked.read(body)
            shares = gather.take(asked.row, asked.told)
        except Exception as error:
            return asked.told(None, error)
        return gather if shares is None else asked.told(shares, None)

    def behind(self, asked):
        """Do what is left when the answer is on its way: it leaves before the loop's next turn."""
        self._done.append(asked)
        if len(self._done) == 1:
            asyncio.get_running_loop().call_soon(self._settle)

    def _settle(self):
        answered, self._done = self._done, []
        for one in answered:
            one.settle()


class _Asked:
    """One request on its way."""

    __slots__ = ("at", "directly", "found", "head", "headers", "key", "name", "row", "seconds", "served", "size",
                 "started", "status", "write")

    def __init__(self, directly, headers, body, write):
        self.started, self.at = time.perf_counter(), now()
        self.directly, self.headers, self.write, self.size = directly, headers, write, len(body)
        self.key = directly.service.ids.new(self.at)
        self.head = head_of(headers)
        self.name = self.head.request_id or self.key.encode()
        self.served = self.found = None

    def read(self, body):
        """Read the row; return the Gather that takes it."""
        service = self.directly.service
        admit(service, self.head)
        self.served = service.served(self.directly.model)
        self.row = self.served.reader.single.read(body)
        return self.served.gather

    def told(self, shares, error):
        """Answer with the probabilities, or with the problem that an exception is."""
        if error is None:
            try:
                self.found = self.served.told(self.row, shares, self.key, self.at)
            except Exception as raised:
                error = raised
        if error is None:
            self._answer(200, FINE, JSON, self.found.payload, ())
        else:
            name = self.name.decode("latin-1")
            trouble = trouble_of(explained(error, self.headers), name)
            self._answer(trouble.status, LINES[trouble.status], TYPE, trouble.body(name), trouble.headers)

    def _answer(self, status, line, kind, payload, headers):
        more = b"".join(b"%b: %b\r\n" % pair for pair in headers)
        self.status = status
        self.write(b"%bcontent-type: %b\r\ncontent-length: %d\r\nx-request-id: %b\r\n%b\r\n%b" % (
            line, kind, len(payload), self.name, more, payload))
        self.seconds = time.perf_counter() - self.started
        self.directly.behind(self)

    def settle(self):
        """Log and count."""
        service = self.directly.service
        if self.found is not None and not self.head.probe:
            service.book.keep(self.served, self.key, self.at, self.found, self.size)
        done(service, Predict.route, self.status, self.seconds, None if self.head.probe else self.served)
