"""A row that comes in one piece takes a short way to its answer; nobody can tell by the answer."""

import json
import socket
import threading

import pytest
from running import in_thread, raw

from api.keys import add_key
from api.routes.predict import Predict

HEAD = "POST /predict HTTP/1.1\r\nHost: kettle\r\n"
JSON = "Content-Type: application/json\r\n"


@pytest.fixture
def usual(monkeypatch):
    """The requests that took the usual way, as the application saw them."""
    seen, call = [], Predict.__call__

    async def watched(self, scope, receive, send):
        seen.append(dict(scope["headers"]).get(b"x-request-id"))
        await call(self, scope, receive, send)

    monkeypatch.setattr(Predict, "__call__", watched)
    return seen


def request_of(body, more=JSON, head=HEAD):
    return f"{head}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def answers_of(line, number):
    """Return (status, headers, document) of so many answers, as they come over a line."""
    data, found = b"", []
    while len(found) < number:
        head, whole, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = dict(one.split(": ", 1) for one in lines)
        size = int(headers.get("content-length", 0))
        if whole and len(rest) >= size:
            found.append((int(first.split(" ")[1]), headers, json.loads(rest[:size])))
            data = rest[size:]
        else:
            part = line.recv(65536)
            assert part, "the connection ended before the last answer"
            data += part
    return found


def connected(service):
    line = socket.create_connection(("127.0.0.1", service.port), timeout=20)
    line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return line


CASES = {
    "a row": (b'{"water level": 1.5, "maker": "a"}', JSON, 200),
    "a value of another kind": (b'{"water level": "deep", "maker": "a"}', JSON, 422),
    "no JSON": (b'{"water level": 1.5', JSON, 400),
    "another kind of content": (b'{"water level": 1.5}', "Content-Type: text/plain\r\n", 415),
    "a compressed body": (b"\x1f\x8b\x08", f"{JSON}Content-Encoding: gzip\r\n", 415),
    "an id of the caller's": (b'{"water level": 1.5, "maker": "a"}', f"{JSON}X-Request-Id: mine\r\n", 200)}


@pytest.mark.parametrize("case", CASES)
def test_both_ways_answer_alike(kettle, usual, case):
    body, more, status = CASES[case]
    whole = request_of(body, more)
    with connected(kettle) as line:
        line.sendall(whole)
        short, = answers_of(line, 1)
        assert not usual
        line.sendall(whole[:-1])
        while not usual:        # the rest leaves when the beginning has arrived
            pass
        line.sendall(whole[-1:])
        long, = answers_of(line, 1)
    assert short[0] == long[0] == status and list(short[1]) == list(long[1])
    assert short[1]["content-type"] == long[1]["content-type"]
    for _, headers, document in (short, long):
        if status == 200:
            assert document.pop("prediction_id").startswith("kettle.") and document.pop("timestamp")
        else:
            assert document.pop("request_id") == headers["x-request-id"]
    assert short[2] == long[2]


def test_a_request_may_be_cut_anywhere(kettle, row):
    whole = request_of(json.dumps(row).encode())
    with connected(kettle) as line:
        for place in range(1, len(whole)):
            line.sendall(whole[:place])
            line.sendall(whole[place:])
            (status, _, answer), = answers_of(line, 1)
            assert status == 200 and answer["model"] == "kettle"


def test_requests_that_come_at_once_are_answered_in_their_order(kettle, row, usual):
    names = [f"number-{place}" for place in range(30)]
    bad, good = b'{"water level": "deep"}', json.dumps(row).encode()
    sent = b"".join(request_of(bad if place % 5 == 0 else good, f"{JSON}X-Request-Id: {name}\r\n")
                    for place, name in enumerate(names))
    health = b"GET /health HTTP/1.1\r\nHost: kettle\r\n\r\n"

    def ask(found):
        with connected(kettle) as line:
            for _ in range(5):
                line.sendall(sent + health)
                found.append(answers_of(line, len(names) + 1))

    found = []
    threads = [threading.Thread(target=ask, args=(found,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20
    for *answers, last in found:
        assert [headers["x-request-id"] for _, headers, _ in answers] == names
        assert [status for status, *_ in answers] == [422 if place % 5 == 0 else 200 for place in range(30)]
        assert last[2]["models"]["kettle"]["version"] == "1"
    assert len(usual) < 20 * len(names)      # the first of each read took the short way


@pytest.mark.parametrize("head, more", [
    ("POST /predict HTTP/1.0\r\n", JSON), (HEAD, f"{JSON}Connection: close\r\n"),
    ("POST /predict?x=1 HTTP/1.1\r\nHost: kettle\r\n", f"{JSON}Connection: close\r\n"),
    (HEAD, f"{JSON}Expect: 100-continue\r\nConnection: close\r\n")])
def test_what_is_unusual_takes_the_usual_way(kettle, row, usual, head, more):
    answer = raw(kettle.port, request_of(json.dumps(row).encode(), more, head))
    assert b" 200 OK\r\n" in answer and answer.endswith(b"}") and len(usual) == 1


def test_a_key_is_asked_for_on_the_short_way_too(shelf, workspace, tmp_path, row, usual):
    shelf.put(version="1")
    keys = tmp_path / "keys"
    key, admin = add_key(keys, "ada", admin=False), add_key(keys, "bea", admin=True)
    body = json.dumps(row).encode()
    with in_thread(workspace, bundles=shelf.folder, keys_file=keys) as service, connected(service) as line:
        for more, status in (("", 401), ("X-API-Key: guess\r\n", 401), (f"X-API-Key: {key}\r\n", 200),
                             (f"Authorization: Bearer {key}\r\n", 200),
                             (f"X-API-Key: {key}\r\nX-Headgate-Probe: 1\r\n", 403),
                             (f"X-API-Key: {admin}\r\nX-Headgate-Probe: 1\r\n", 200)):
            line.sendall(request_of(body, JSON + more))
            (seen, headers, _), = answers_of(line, 1)
            assert seen == status and ("www-authenticate" in headers) is (status == 401)
        assert not usual
        service.service.book.settle()
        assert service.metric("headgate_predictions_total") == 2       # a probe is no prediction
        for status, number in ((200, 3), (401, 2), (403, 1)):
            assert service.metric("headgate_requests_total", route="predict", status=status) == number


def test_a_caller_that_hung_up_takes_nobody_with_it(kettle, row):
    body = json.dumps(row).encode()
    for _ in range(200):
        with connected(kettle) as gone, connected(kettle) as line:
            gone.sendall(request_of(body))
            gone.close()
            line.sendall(request_of(body))
            (status, *_), = answers_of(line, 1)
            assert status == 200
