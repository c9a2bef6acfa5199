"""Bodies as they come over a line: in pieces, too large, too slow, or never whole."""

import json
import socket
import time
import urllib.error
import urllib.request

import pytest
from running import in_thread, raw, until, workspace_at
from shelf import Shelf

from api.launch import protocol

HEAD = "POST /predict HTTP/1.1\r\nHost: kettle\r\nContent-Type: application/json\r\nConnection: close\r\n"


SMALL = {"max_body_mb": 1 / 1024, "max_rows": 5, "request_seconds": 0.4}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A kettle that takes a kilobyte, five rows, and waits a moment only; the tests of this file share it."""
    home = tmp_path_factory.mktemp("small")
    (home / "bundles").mkdir()
    Shelf(home / "bundles").put(version="1")
    with in_thread(workspace_at(home / "state"), bundles=home / "bundles", **SMALL) as service:
        yield service


def status_of(answer):
    return int(answer.split(b" ", 2)[1])


def chunked(*parts):
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def test_a_body_in_chunks_is_one_body(small, row):
    text = json.dumps(row).encode()
    head = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
    assert status_of(raw(small.port, head + chunked(*[text[place:place + 1] for place in range(len(text))]))) == 200


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/feedback", "/nothing/here"])
def test_a_body_that_is_said_to_be_too_large_is_refused_before_it_is_sent(small, path):
    head = f"{HEAD}Content-Length: 99999999\r\n\r\n".replace("/predict", path, 1).encode()
    answer = raw(small.port, head)
    assert status_of(answer) == 413 and b"application/problem+json" in answer and b"0.000976562 MB" in answer


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/feedback"])
def test_a_body_that_grows_too_large_in_chunks_is_refused(small, path):
    head = f"{HEAD}Transfer-Encoding: chunked\r\n\r\n".replace("/predict", path, 1).encode()
    assert status_of(raw(small.port, head + chunked(*[b" " * 100] * 12))) == 413


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/feedback"])
def test_a_client_that_sends_all_before_it_reads_is_told_that_it_was_too_much(small, path):
    """As Python's own does; closing at once would take the answer back."""
    for _ in range(5):
        request = urllib.request.Request(f"http://127.0.0.1:{small.port}{path}", data=b" " * 8_000_000,
                                         headers={"Content-Type": "application/json"})
        with pytest.raises(urllib.error.HTTPError) as told:
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)
        with told.value as answer:
            assert answer.code == 413 and json.loads(answer.read())["status"] == 413


def test_a_client_that_never_stops_sending_is_left(small, monkeypatch):
    monkeypatch.setattr(protocol, "LEAVE_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", small.port), timeout=10) as line:
        line.sendall(f"{HEAD}Content-Length: 999999999\r\n\r\n".encode())
        started = time.monotonic()
        with pytest.raises(OSError):
            while time.monotonic() - started < 10:
                line.sendall(b" ")
                time.sleep(0.01)
    with socket.create_connection(("127.0.0.1", small.port), timeout=10) as line, pytest.raises(OSError):
        line.sendall(f"{HEAD}Content-Length: 999999999\r\n\r\n".encode())
        for _ in range(900):
            line.sendall(b" " * 1_000_000)


@pytest.mark.parametrize("spaces, status", [(1023, 200), (1024, 200), (1025, 413)])
def test_the_limit_itself_is_allowed(small, spaces, status):
    body = b'{"maker": "a"}'.ljust(spaces)
    assert small.http.post("/predict", content=body, headers={"content-type": "application/json"}).status_code == status


@pytest.mark.parametrize("rows, status", [(1, 200), (5, 200), (6, 413)])
def test_a_batch_has_at_most_so_many_rows(small, row, rows, status):
    assert small.post("/predict/batch", {"instances": [row] * rows}).status_code == status
    assert small.post("/predict/batch", {"columns": {"maker": ["a"] * rows}}).status_code == status


@pytest.mark.parametrize("path", ["/predict", "/predict/batch", "/feedback"])
def test_a_client_that_takes_too_long_is_told_so(small, path):
    started = time.monotonic()
    answer = raw(small.port, f"{HEAD}Content-Length: 20\r\n\r\n{{".replace("/predict", path, 1).encode())
    assert status_of(answer) == 408 and b"0.4 seconds" in answer and time.monotonic() - started < 10


def test_one_that_trickles_is_slow_too_and_holds_up_nobody(small, row):
    with socket.create_connection(("127.0.0.1", small.port), timeout=10) as line:
        line.sendall(f"{HEAD}Content-Length: 900\r\n\r\n".encode())
        line.settimeout(0.02)
        answer, others = b"", 0
        limit = time.monotonic() + 10
        while not answer and time.monotonic() < limit:
            try:
                line.sendall(b" ")
                answer = line.recv(65536)
            except TimeoutError:
                others += small.post("/predict", row).status_code == 200
        assert status_of(answer) == 408 and others > 5


def test_a_caller_that_hangs_up_is_counted_and_nothing_is_predicted(shelf, workspace, row):
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder, **SMALL) as alone:
        for head in (HEAD, HEAD.replace("/predict", "/feedback", 1)):
            with socket.create_connection(("127.0.0.1", alone.port)) as line:
                line.sendall(f"{head}Content-Length: 30\r\n\r\n{{".encode())
        until(lambda: alone.metric("headgate_requests_total", status="499") == 2)
        assert alone.post("/predict", row).status_code == 200
        until(lambda: alone.metric("headgate_predictions_total") == 1)


def test_what_is_no_http_does_no_harm(small, row):
    for data in (b"\x00" * 500, b"GET / HTTP/9.9\r\n\r\n", b"POST /predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                 f"{HEAD}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode()):
        raw(small.port, data, close=True)
    assert small.post("/predict", row).status_code == 200


def test_what_is_no_http_is_a_problem_as_every_error_is(small):
    for data in (b"HELLO\r\n\r\n", b"POST /predict HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                 b"CONNECT a:1 HTTP/1.1\r\n\r\n"):
        head, _, body = raw(small.port, data, close=True).partition(b"\r\n\r\n")
        told = json.loads(body)
        assert status_of(head) == 400 and b"application/problem+json" in head and told["status"] == 400
        assert told["request_id"].encode() in head


@pytest.mark.parametrize("wish", ["Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk",
                                  "Connection: keep-alive, upgrade\r\nUPGRADE: websocket\r\nSec-WebSocket-Version: 13"])
@pytest.mark.parametrize("piece", [7, 100_000])
def test_a_wish_to_upgrade_is_not_granted_and_the_body_is_read(small, row, wish, piece):
    """Java's HttpClient asks so with every request; the next one on the line is another."""
    text = json.dumps(row)
    one = f"POST /predict HTTP/1.1\r\nHost: kettle\r\nContent-Type: application/json\r\n{wish}\r\n"
    sized = f"{one}X-Request-ID: sized\r\nContent-Length: {len(text)}\r\n\r\n{text}".encode()
    parts = chunked(text[:9].encode(), text[9:].encode())
    cut = f"{one}X-Request-ID: cut\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + parts
    last = f"GET /health HTTP/1.1\r\nHost: kettle\r\n{wish}\r\n\r\nGET /nothing HTTP/1.1\r\nHost: k\r\n" \
           "Connection: close\r\n\r\n".encode()
    answer = in_pieces(small.port, sized + cut + last, piece)
    statuses = [status_of(b"HTTP/1.1" + one) for one in answer.split(b"HTTP/1.1")[1:]]
    assert statuses == [200, 200, 200, 404]
    assert answer.index(b"x-request-id: sized") < answer.index(b"x-request-id: cut")


def test_many_wishes_to_upgrade_on_one_line_are_all_answered(small, row):
    text, wish = json.dumps(row), "Connection: Upgrade\r\nUpgrade: h2c\r\n"
    one = HEAD.replace("Connection: close\r\n", wish) + f"Content-Length: {len(text)}\r\n\r\n{text}"
    last = HEAD + f"Content-Length: {len(text)}\r\n\r\n{text}"
    answer = raw(small.port, (one * 1999 + last).encode())
    assert answer.count(b"HTTP/1.1 200") == 2000 == answer.count(b"HTTP/1.1")


def in_pieces(port, data, size):
    """Send bytes so many at a time; return what comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for place in range(0, len(data), size):
            line.sendall(data[place:place + size])
        return b"".join(iter(lambda: line.recv(65536), b""))


def test_several_requests_on_one_line_are_answered_in_turn(small, row):
    text = json.dumps(row)
    one = HEAD.replace("Connection: close\r\n", "") + f"Content-Length: {len(text)}\r\n\r\n{text}"
    last = HEAD + f"Content-Length: {len(text)}\r\nX-Request-ID: last\r\n\r\n{text}"
    answer = raw(small.port, (one * 4 + last).encode())
    assert answer.count(b"HTTP/1.1 200") == 5 and b"x-request-id: last" in answer.split(b"HTTP/1.1")[-1].lower()


def test_a_row_that_is_all_wrong_is_told_in_a_hundred_lines_at_most(kettle, row):
    wrong = row | {f"water leve{number}": 1 for number in range(5_000)}
    told = kettle.post("/predict", wrong)
    assert told.status_code == 422 and len(told.json()["errors"]) <= 100 and len(told.content) < 50_000
    batch = kettle.post("/predict/batch", {"instances": [wrong]})
    assert batch.status_code == 422 and len(batch.json()["errors"]) <= 100
    nested = kettle.post("/predict", row | {"water level": [[1] * 20_000]})
    assert nested.json()["errors"][0]["value"] == "a list of 1 values"


@pytest.mark.parametrize("path, size", [("/predict", 300_000), ("/feedback", 20_000)])
def test_what_is_read_at_once_may_not_be_large(kettle, path, size):
    assert kettle.http.post(path, content=b" " * size, headers={"content-type": "application/json"}).status_code == 413
