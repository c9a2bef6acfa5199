"""Lines that end, hang, or carry something else than one request after the other."""

import gc
import json
import logging
import socket
import struct
import threading
import time

import pytest
from running import as_process, in_thread, raw, until
from test_shortcut import HEAD, JSON, answers_of, connected, request_of

from api.keys import add_key
from api.launch.protocol import Protocol

GARBAGE = b"G@RBAGE\r\n\r\n"


def batch_of(row):
    return request_of(json.dumps({"instances": [row] * 2000}).encode(), f"{JSON}X-Request-Id: first\r\n",
                      HEAD.replace("/predict", "/predict/batch"))


def test_an_answer_sets_no_clock_for_a_request_that_came_with_it(shelf, workspace, row, monkeypatch):
    monkeypatch.setattr(Protocol, "timeout_keep_alive", property(lambda self: 0.3, lambda self, value: None),
                        raising=False)
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder) as service, connected(service) as line:
        store = service.service.desk.store

        async def slowly(label):
            import asyncio
            await asyncio.sleep(1)
            return await store(label)

        monkeypatch.setattr(service.service.desk, "store", slowly)
        label = json.dumps({"prediction_id": service.post("/predict", row).json()["prediction_id"], "label": "yes"})
        line.sendall(request_of(json.dumps(row).encode()) + request_of(label.encode(), head=HEAD.replace(
            "/predict", "/feedback")))
        assert [status for status, *_ in answers_of(line, 2)] == [200, 202]


@pytest.mark.parametrize("before", [1, 2])
def test_what_is_no_http_takes_no_answer_from_the_requests_before_it(kettle, row, before):
    told = raw(kettle.port, batch_of(row) * before + GARBAGE)
    assert told.count(b"HTTP/1.1 200 OK") == before == told.count(b'"count":2000')
    assert b"x-request-id: first" in told and b" 400 " not in told
    alone = raw(kettle.port, request_of(json.dumps(row).encode()) + GARBAGE)
    assert alone.index(b" 200 OK") < alone.index(b" 400 Bad Request")


BROKEN = (GARBAGE, b"CONNECT a:1 HTTP/1.1\r\n\r\n", f"{HEAD}{JSON}Transfer-Encoding: chunked\r\n\r\nzz\r\n".encode())


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("whole", [1, 3])
def test_half_a_request_takes_no_answer_from_the_requests_before_it(kettle, row, whole, broken):
    health = b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n"
    single = request_of(json.dumps(row).encode(), f"{JSON}X-Request-Id: first\r\n")
    for sent in (batch_of(row) * whole, health * whole, single * 2 * whole):
        told = raw(kettle.port, sent + broken)
        assert told.count(b"HTTP/1.1 200 OK") == sent.count(b" HTTP/1.1\r\n") and b" 400 " not in told, sent[:20]
        half = raw(kettle.port, sent + single[:-5], close=True)
        assert half.count(b"HTTP/1.1 200 OK") == sent.count(b" HTTP/1.1\r\n"), sent[:20]
    assert b" 400 Bad Request" in raw(kettle.port, broken)


def test_who_says_that_nothing_more_will_come_is_answered(kettle, row):
    for _ in range(20):
        assert b'"count":2000' in raw(kettle.port, batch_of(row), close=True)
    assert raw(kettle.port, b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n" * 3, close=True).count(b" 200 OK") == 3
    whole = request_of(json.dumps(row).encode())
    with connected(kettle) as line:
        line.sendall(whole[:-1])
        time.sleep(0.05)
        line.sendall(whole[-1:])
        line.shutdown(socket.SHUT_WR)
        assert answers_of(line, 1)[0][0] == 200 and line.recv(1) == b""
    assert raw(kettle.port, whole[:-1], close=True) == b"", "half a body is no request"


def test_lines_that_are_reset_are_no_errors(kettle, row, caplog):
    with caplog.at_level(logging.ERROR):
        for _ in range(40):
            line = connected(kettle)
            line.sendall(request_of(json.dumps(row).encode()) * 3)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            line.close()
        assert kettle.post("/predict", row).status_code == 200
        time.sleep(0.2)
    assert not caplog.records, caplog.text


def test_requests_that_nobody_reads_the_answers_of_do_not_pile_up(kettle):
    line = connected(kettle)
    sending = threading.Thread(target=send_all, args=(line, b"GET / HTTP/1.1\r\n\r\n" * 150_000), daemon=True)
    sending.start()
    most, until_then = 0, time.monotonic() + 3
    while time.monotonic() < until_then:
        most = max([most, *(len(one.pipeline) for one in gc.get_objects() if isinstance(one, Protocol))])
        time.sleep(0.2)
    line.close()
    sending.join(10)
    assert 0 < most < 30_000       # what one read may hold
    assert kettle.get("/health").status_code == 200


def send_all(line, data):
    try:
        line.sendall(data)
    except OSError:
        pass        # closed meanwhile


def test_what_stands_behind_a_body_is_no_part_of_the_head(shelf, workspace, tmp_path, row):
    shelf.put(version="1")
    key, body = add_key(tmp_path / "keys", "ada"), json.dumps(row).encode()
    head = f"{HEAD}{JSON}Transfer-Encoding: chunked\r\nConnection: close\r\n".encode()
    chunks = b"%x\r\n%s\r\n0\r\n" % (len(body), body)
    with in_thread(workspace, bundles=shelf.folder, keys_file=tmp_path / "keys") as service:
        bearing = f"X-API-Key: {key}\r\n\r\n".encode()
        assert b" 401 " in raw(service.port, head + b"\r\n" + chunks + bearing)
        assert b" 200 OK" in raw(service.port, head + bearing + chunks + b"\r\n")
        kept = head.replace(b"Connection: close\r\n", b"")
        with connected(service) as line:
            line.sendall(kept + b"\r\n" + chunks + bearing)
            assert answers_of(line, 1)[0][0] == 401


def test_workers_that_are_told_to_stop_take_nobody_on(shelf, workspace, row):
    shelf.put(version="1")
    whole = request_of(json.dumps(row).encode())
    with as_process(workspace, "--bundles", shelf.folder, "--workers", 2) as service:
        until(lambda: service.get("/ready").status_code == 200)
        with connected(service) as slow:
            slow.sendall(whole[:-5])
            time.sleep(0.2)
            service.process.terminate()

            def refused():
                try:
                    connected(service).close()
                except ConnectionRefusedError:
                    return True
            until(refused, seconds=5, what="the port is still open")
            slow.sendall(whole[-5:])
            assert answers_of(slow, 1)[0][0] == 200
        assert service.process.wait(20) == 0
