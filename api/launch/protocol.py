"""HTTP as uvicorn speaks it, and what a service in front of users needs beside it.

- The head and the body of an answer leave in one write: over a local connection each costs as much as checking a row.
- An upgrade, which Java's client asks for with every request, is not taken, and the request's body is read.
- A connection without a request lives a moment on when the service ends: its next request may be on its way.
- What is no HTTP gets a problem, as every other error does.
- Who is told no while still sending a body is listened to for a moment, or the answer would be lost with the line.
"""

import asyncio

import httptools
from uvicorn.protocols.http.flow_control import FlowControl

from api.launch.shortcut import Shortcut
from api.models.ids import Ids, now
from api.problems import TYPE, Trouble

LARGE = 65_536     # bytes: more are not copied to be written with the head
LINGER = 0.3       # seconds that a connection without a request outlives the service's end
LEAVE_SECONDS, LEAVE_BYTES = 2.0, 67_108_864      # for what is still sent to somebody who has been told no
NO_HTTP = Trouble(400, "This is no HTTP/1.1 request that could be read.")


class Protocol(Shortcut):
    """Uvicorn's protocol, with the differences told above."""

    _unreadable, _running = False, None

    def connection_made(self, transport):
        super().connection_made(Held(transport, self.loop, self))
        self.flow = Flow(self.transport, self.pipeline)

    def data_received(self, data):
        if self._unreadable:
            return
        self._unset_keepalive_if_required()
        self.read_starts()
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            self._go_on_without_upgrade(data[stop.args[0]:])
        except httptools.HttpParserError:
            self._read_no_further()
        self.read_ends()
        if self._ending and self.cycle is not None:
            self.cycle.keep_alive = False

    def connection_lost(self, exc):
        for cycle, _ in self.pipeline:      # uvicorn looks at the newest request only
            cycle.disconnected = True
        self.pipeline.clear()
        super().connection_lost(exc)
        self.transport.forget()

    def eof_received(self):
        """Answer what was asked by a caller who says that nothing more will come; returns whether there is any."""
        return self._whole_ones_are_last()

    def _start_asgi_task(self, cycle, app):
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _whole_ones_are_last(self):
        """Return whether whole requests wait for their answers; then the line ends with those.

        What came of another one behind them is forgotten.
        """
        self.answer_now()
        if self._direct is None and self.pipeline and self.cycle.more_body:     # the newest is the first of these
            self.pipeline.popleft()
            self.cycle = self.pipeline[0][0] if self.pipeline else self._running
        if self.cycle is None or self.cycle.response_complete or self.unread:
            return False
        self.cycle.keep_alive = False
        return True

    @property
    def unread(self):
        """True while a body is not all here."""
        return self._direct is not None or self.cycle is not None and self.cycle.more_body

    def _should_upgrade(self):
        """Uvicorn leaves such a request alone; what becomes of it is said in `data_received`."""
        return True

    def _go_on_without_upgrade(self, rest):
        """Read the request once more, without its wish to upgrade: the parser skips the body of one that has it.

        rest : what came after its head. A loop, as the next ones may wish so, too.
        """
        while rest is not None:
            method = self.parser.get_method()
            if method == b"CONNECT":
                return self._read_no_further()
            kept = [(name, value) for name, value in self._head if name not in (b"upgrade", b"http2-settings")]
            version = self.parser.get_http_version().encode()
            lines = [method + b" " + self.url + b" HTTP/" + version, *(name + b": " + value for name, value in kept)]
            self.parser = httptools.HttpRequestParser(self)
            rest = self._up_to_upgrade(b"\r\n".join(lines) + b"\r\n\r\n" + rest)

    def _up_to_upgrade(self, data):
        """Read on; return what is left behind the head of another request that wishes to upgrade, or None."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            return data[stop.args[0]:]
        except httptools.HttpParserError:
            self._read_no_further()
        return None

    def _read_no_further(self):
        """Tell that what came is no HTTP, unless there are requests before it: their answers are the last, then."""
        self._unreadable = self._whole_ones_are_last()
        if not self._unreadable:
            self.send_400_response("")

    def send_400_response(self, msg):
        name = Ids().new(now())
        body = NO_HTTP.body(name)
        head = (b"HTTP/1.1 400 Bad Request", b"content-type: " + TYPE, b"content-length: %d" % len(body),
                b"x-request-id: " + name.encode(), b"connection: close")
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        self.transport.close()
        self.give_up()

    def shutdown(self):
        """End after the request that is being answered, or the next one if it comes at once."""
        self._ending = True
        self.answer_now()
        if self.cycle is None or self.cycle.response_complete:
            self.loop.call_later(LINGER, self._close_if_idle)
        else:
            self.cycle.keep_alive = False

    def _close_if_idle(self):
        if self.cycle is None or self.cycle.response_complete:
            self.transport.close()


class Flow(FlowControl):
    """Reads nothing more while requests wait for their turn; `pipeline` holds those."""

    def __init__(self, transport, pipeline):
        super().__init__(transport)
        self._pipeline = pipeline

    def resume_reading(self):
        if not self._pipeline:
            super().resume_reading()


class Held:
    """Stands before a transport: what is written waits for the next write, or for the next turn of the loop."""

    def __init__(self, transport, loop, protocol):
        self._transport, self._loop, self._protocol, self._first = transport, loop, protocol, None
        self.is_closing, self.resume_reading = transport.is_closing, transport.resume_reading   # asked each time

    def write(self, data):
        if self.is_closing():
            return      # nobody is there
        if self._first is None:
            self._first = data
            self._loop.call_soon(self._flush)
        elif len(data) > LARGE:
            self._flush()
            self._transport.write(data)
        else:
            first, self._first = self._first, None
            self._transport.write(first + data)

    def write_whole(self, data):
        """Write an answer that is whole."""
        self._flush()
        self._transport.write(data)

    def close(self):
        self._flush()
        if not self.is_closing() and self._protocol is not None and self._protocol.unread:
            self.is_closing = lambda: True
            Leaving(self._transport, self._loop, self._protocol)
        else:
            self._transport.close()

    def forget(self):
        """Let the protocol go: nobody should have to look for circles."""
        self._protocol = None

    def abort(self):
        self._first = None
        self._transport.abort()

    def set_protocol(self, protocol):
        self._flush()
        self._transport.set_protocol(protocol)

    def _flush(self):
        if self._first is not None:
            first, self._first = self._first, None
            if not self._transport.is_closing():
                self._transport.write(first)

    def __getattr__(self, name):
        return getattr(self._transport, name)


class Leaving(asyncio.Protocol):
    """Takes a line over from `protocol`, which has said its last, and throws away what still comes."""

    def __init__(self, transport, loop, protocol):
        self._transport, self._protocol, self._left = transport, protocol, LEAVE_BYTES
        self._clock = loop.call_later(LEAVE_SECONDS, transport.close)
        transport.set_protocol(self)
        transport.resume_reading()
        if transport.can_write_eof():
            transport.write_eof()

    def data_received(self, data):
        self._left -= len(data)
        if self._left < 0:
            self._transport.close()

    def connection_lost(self, exc):
        self._clock.cancel()
        self._protocol.connection_lost(exc)
