"""A receiver of webhooks on loopback that notes what it gets."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """status : what it answers with. got : [(path with query, document)]. hold : set, it does not answer."""

    def __init__(self, status=200):
        self.status, self.got, self.held = status, [], threading.Event()
        self.hold = False
        self.server = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}"

    @property
    def kinds(self):
        return [document["kind"] for _, document in self.got]


@contextlib.contextmanager
def receiving(status=200, *, hold=False):
    """Yield a Receiver that runs until the block ends."""
    receiver = Receiver(status)
    receiver.hold = hold

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.got.append((self.path, json.loads(body)))
            if receiver.hold:
                receiver.held.wait(30)
            self.send_response(receiver.status)
            self.send_header("Content-Length", "0")
            with contextlib.suppress(OSError):
                self.end_headers()

        def log_message(self, *words):
            pass

    receiver.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.held.set()
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()
