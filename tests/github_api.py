"""A stand-in for the comments of GitHub's API on loopback; only who shows the token is answered."""

import contextlib
import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "of-the-job"
COMMENTS = re.compile(r"/repos/([^/]+/[^/]+)/issues/(\d+)/comments(?:\?per_page=(\d+)&page=(\d+))?")
COMMENT = re.compile(r"/repos/([^/]+/[^/]+)/issues/comments/(\d+)")


class Comments:
    """by_pull_request : number -> list of {"id", "body", "user"}, as the API shows them. asked : (method, path).

    troubles : (status, headers) of the next answers to POST and PATCH, what they ask for being done all the same.
    """

    def __init__(self, port):
        self.url, self.by_pull_request, self.asked = f"http://127.0.0.1:{port}", {}, []
        self.troubles = []

    def add(self, number, body, *, kind="User"):
        one = {"id": 1 + sum(map(len, self.by_pull_request.values())), "body": body, "user": {"type": kind}}
        self.by_pull_request.setdefault(number, []).append(one)
        return one

    def answer(self, method, path, document):
        """Return (status, document)."""
        self.asked.append((method, path))
        many, one = COMMENTS.fullmatch(path), COMMENT.fullmatch(path)
        if many and method == "GET":
            size, page = int(many[3] or 30), int(many[4] or 1)
            return 200, self.by_pull_request.get(int(many[2]), [])[(page - 1) * size:page * size]
        if many and method == "POST":
            return 201, self.add(int(many[2]), document["body"], kind="Bot")
        if one and method == "PATCH":
            for known in (comment for found in self.by_pull_request.values() for comment in found):
                if known["id"] == int(one[2]):
                    known["body"] = document["body"]
                    return 200, known
        return 404, {"message": "Not Found"}


@contextlib.contextmanager
def github_api():
    """Yield the Comments of a server on a port of its own."""
    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            length = int(self.headers.get("Content-Length") or 0)
            document = json.loads(self.rfile.read(length)) if length else None
            known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            status, found = comments.answer(self.command, self.path, document) if known else \
                (403, {"message": "Resource not accessible by integration"})
            trouble = known and self.command != "GET" and comments.troubles
            status, headers = trouble.pop(0) if trouble else (status, {})
            body = json.dumps(found).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _answer

        def log_message(self, *words):
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        comments = Comments(server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield comments
        server.shutdown()
        thread.join()
