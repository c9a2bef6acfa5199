"""A short way past uvicorn's tasks and ASGI, for a single row whose request came in one piece.

Making the two, and waking the one, takes as long as checking the row. Whatever is unusual about a request, or comes in
pieces, takes the usual way.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Shortcut(HttpToolsProtocol):
    """Asks the application's `direct` for the path of a request. It is for a subclass to call `read_starts` and
    `read_ends` around what the parser makes of each read."""

    _direct = _gather = None
    _head, _parts, _first, _ending = (), (), True, False

    def read_starts(self):
        """One request of each read may go the short way: others have their turn before the next."""
        self._first = True

    def read_ends(self):
        """Let a request of which more is to come go the usual way."""
        if self._direct is not None:
            self._go_usual()

    def give_up(self):
        """What came can be read no further."""
        self._direct = None

    def answer_now(self):
        """Answer a request that waits for others in flight: answers leave in the order of their requests."""
        if self._gather is not None:
            self._gather.run()

    def on_message_begin(self):
        self.answer_now()
        self._unset_keepalive_if_required()     # which an answer of the same read has set
        super().on_message_begin()

    def on_headers_complete(self):
        first, self._first = self._first, False
        self._head, self.headers = self.headers, []     # what comes behind the body is none of the head
        self._direct = self.app.direct.get(self.url) if first else None
        if self._direct is None or not self._plain():
            self._direct = None
            return super().on_headers_complete()
        self._parts = ()

    def _plain(self):
        parser = self.parser
        return (parser.get_method() == b"POST" and parser.should_keep_alive() and not parser.should_upgrade()
                and parser.get_http_version() == "1.1" and (self.cycle is None or self.cycle.response_complete)
                and not self.expect_100_continue and not self.flow.write_paused and not self._ending)

    def on_body(self, body):
        if self._direct is None:
            return super().on_body(body)
        self._parts = (*self._parts, body)

    def on_message_complete(self):
        direct = self._direct
        if direct is None:
            return super().on_message_complete()
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        if len(body) > direct.limit:
            self._go_usual()
            return super().on_message_complete()
        self._direct = None
        self._gather = direct.answer(self._head, body, self._write)

    def _go_usual(self):
        self._direct = None
        super().on_headers_complete()
        for part in self._parts:
            super().on_body(part)

    def _write(self, answer):
        self._gather = None
        if not self.transport.is_closing():
            self.transport.write_whole(answer)
            self.on_response_complete()
