"""A client that reads every answer, which wrk does not: asyncio, one request at a time on each connection."""

import asyncio
import json
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Answered:
    """One request: when it was sent and answered (time.perf_counter), the status, and the parsed answer.

    status 0 : the connection broke; answer then says how.
    """

    place: int
    sent: float
    at: float
    status: int
    answer: object

    @property
    def milliseconds(self):
        return (self.at - self.sent) * 1000


class Connection:
    """One kept-alive connection to a server on this machine."""

    def __init__(self, url, headers=()):
        self.port, self._reader, self._writer = int(url.rpartition(":")[2]), None, None
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in headers)

    async def post(self, path, body, place=0):
        """POST bytes of JSON and return Answered; opens the connection when there is none."""
        sent = time.perf_counter()
        try:
            if self._writer is None:
                self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
            self._writer.write(f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                               f"{self._lines}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            status, answer = await self._answer()
            return Answered(place, sent, time.perf_counter(), status, answer)
        except (OSError, EOFError, ValueError) as error:
            self.close()
            return Answered(place, sent, time.perf_counter(), 0, repr(error))

    async def _answer(self):
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return int(head.split(b" ", 2)[1]), json.loads(await self._reader.readexactly(length))

    def close(self):
        """Close it; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


async def keep_asking(url, path, bodies, *, connections, over, seen, headers=()):
    """POST `bodies` in turn over several connections until the asyncio.Event `over`; append each Answered to `seen`."""
    async def one(number):
        connection, place = Connection(url, headers), number
        while not over.is_set():
            seen.append(await connection.post(path, bodies[place % len(bodies)], place % len(bodies)))
            if not seen[-1].status:
                await asyncio.sleep(0.01)
            place += connections
        connection.close()

    await asyncio.gather(*(one(number) for number in range(connections)))
