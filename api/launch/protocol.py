"""HTTP as uvicorn speaks it, with the head and the body of an answer in one write.

Uvicorn writes them one after the other; over a local connection each write costs as much as reading and checking a row.
"""

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


LARGE = 65_536     # bytes: more are not copied to be written with the head


class OneWrite(HttpToolsProtocol):
    """Uvicorn's protocol on a transport that holds back the first of two writes."""

    def connection_made(self, transport):
        super().connection_made(Held(transport, self.loop))


class Held:
    """Stands before a transport: what is written waits for the next write, or for the next turn of the loop."""

    def __init__(self, transport, loop):
        self._transport, self._loop, self._first = transport, loop, None
        self.is_closing, self.resume_reading = transport.is_closing, transport.resume_reading   # asked each time

    def write(self, data):
        if self._first is None:
            self._first = data
            self._loop.call_soon(self._flush)
        elif len(data) > LARGE:
            self._flush()
            self._transport.write(data)
        else:
            first, self._first = self._first, None
            self._transport.write(first + data)

    def close(self):
        self._flush()
        self._transport.close()

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
