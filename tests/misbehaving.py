"""Services that do not answer as they should: they hang, drip, hang up, or are something else."""

import contextlib
import socket
import threading
import time

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


def silent(line, over):
    """Take the request and never answer."""
    over.wait()


def dripping(line, over):
    """Answer a byte at a time, without end."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not over.wait(0.05):
        line.sendall(b" ")


def dripping_headers(line, over):
    """Answer headers without end."""
    line.sendall(b"HTTP/1.1 200 OK\r\n")
    while not over.wait(0.05):
        line.sendall(b"X-Again: 1\r\n")


def cut_off(line, over):
    """Hang up in the middle of the body."""
    line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")


def hanging_up(line, over):
    """Say nothing and hang up."""


def no_http(line, over):
    """Speak another language."""
    line.sendall(b"220 mail.example.org ESMTP\r\n")


def no_json(line, over):
    """Answer a web page to everything."""
    page = b"<html>Under construction</html>"
    line.sendall(OK % (len(page), page))


@contextlib.contextmanager
def listening(behave):
    """Yield the address of a server that does `behave(line, over)` with each connection that says something."""
    over, threads = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        def serve():
            with contextlib.suppress(OSError):
                while True:
                    line, _ = listener.accept()
                    threads.append(threading.Thread(target=_talk, args=(line, behave, over), daemon=True))
                    threads[-1].start()
        threading.Thread(target=serve, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
            for thread in threads:
                thread.join(5)


def _talk(line, behave, over):
    with line, contextlib.suppress(OSError):
        line.recv(65536)
        behave(line, over)


def took(call):
    """Return (what `call()` raised or returned, seconds)."""
    started = time.monotonic()
    try:
        found = call()
    except Exception as error:
        found = error
    return found, time.monotonic() - started
