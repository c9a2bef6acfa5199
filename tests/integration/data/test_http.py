"""Tables behind HTTP on loopback."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from headgate.data import fingerprint, read_table
from headgate.errors import SourceError
from headgate.spec import ModelSpec

TABLE = b"price,returned\n1.5,0\n2.5,1\n"


class Tables(BaseHTTPRequestHandler):
    """Serves /shop.csv, breaks at /broken.csv, has nothing else."""

    def do_GET(self):
        status = {"/shop.csv": 200, "/broken.csv": 500}.get(self.path.split("?")[0], 404)
        body = TABLE if status == 200 else b""
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if self.command == "GET" else b"")

    do_HEAD = do_GET

    def log_message(self, *arguments):
        """Stay quiet."""


@pytest.fixture
def server():
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Tables)
    thread = threading.Thread(target=httpd.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def shop_spec(url):
    return ModelSpec.model_validate({"name": "shop", "data": {"source": {"csv": url}},
                                     "columns": [{"name": "price", "kind": "number"}],
                                     "target": {"column": "returned", "classes": ["0", "1"]},
                                     "algorithms": ["logistic_regression"]})


def test_a_table_behind_a_url_with_a_token(server, tmp_path, monkeypatch):
    monkeypatch.setenv("SHOP_TOKEN", "hunter2")
    spec = shop_spec(server + "/shop.csv?token=${SHOP_TOKEN}")
    reading = read_table(spec, tmp_path)
    assert list(reading.frame["price"]) == [1.5, 2.5] and "hunter2" not in reading.source
    assert fingerprint(spec, tmp_path, as_of=None) == fingerprint(spec, tmp_path, as_of=None)


@pytest.mark.parametrize("path", ["/none.csv", "/broken.csv"])
def test_a_url_that_fails(server, tmp_path, monkeypatch, path):
    monkeypatch.setenv("SHOP_TOKEN", "hunter2")
    with pytest.raises(SourceError, match="no file at .*Is the address right") as caught:
        read_table(shop_spec(server + path + "?token=${SHOP_TOKEN}"), tmp_path)
    assert "hunter2" not in str(caught.value)


def test_a_server_that_is_away(tmp_path):
    with pytest.raises(SourceError, match="cannot be read|no file at"):
        read_table(shop_spec("http://127.0.0.1:1/shop.csv"), tmp_path)
