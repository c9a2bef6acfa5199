"""What keeps parts running, on parts that start in a moment: Python's own web server."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from processes import runs, started_by
from running import until

from flows.launch.answers import answers
from flows.machine import processes
from flows.machine.part import CHECKOUT, Part
from flows.machine.supervisor import Supervisor
from headgate.errors import HeadgateError

PARENT = """
import os, pathlib, sys
from flows.machine.part import Part
from flows.machine.supervisor import Supervisor
one = Supervisor(pathlib.Path(sys.argv[1]), dict(os.environ), lambda line: None)
one.start(Part("web", ("http.server", sys.argv[2], "--bind", "127.0.0.1"), lambda: True))
print("ready", flush=True)
one.keep()
"""


def web(port, name="web"):
    return Part(name, ("http.server", str(port), "--bind", "127.0.0.1"),
                lambda: answers(f"http://127.0.0.1:{port}/", seconds=1), address=f"http://127.0.0.1:{port}", grace=5)


@pytest.fixture
def said():
    return []


EARLIER = set()


@pytest.fixture(autouse=True)
def earlier():
    """Take note of the processes that are there before the test."""
    EARLIER.clear()
    EARLIER.update(one.pid for one in started_by(os.getpid()))


@pytest.fixture
def supervisor(tmp_path, said):
    one = Supervisor(tmp_path, dict(os.environ), said.append)
    yield one
    one.asked_to_stop.set()
    one.stop()


@pytest.fixture
def keeping(supervisor):
    """Watch over the parts in a thread of the test."""
    def start():
        threading.Thread(target=supervisor.keep, daemon=True).start()
    yield start
    supervisor.asked_to_stop.set()


def children():
    """Return the processes that this test started; other tests of this process leave some behind."""
    return [one for one in started_by(os.getpid()) if one.pid not in EARLIER]


def running(family):
    """Return those that run; one whose parent is gone may wait to be reaped by somebody else."""
    return [one for one in family if runs(one)]


def test_parts_start_answer_and_end_with_everything_they_started(supervisor, free_port, said):
    ports = [free_port(), free_port()]
    supervisor.start(*(web(port, f"web {port}") for port in ports))
    assert all(answers(f"http://127.0.0.1:{port}/") for port in ports)
    assert sorted(said) == sorted(f"web {port} is up: http://127.0.0.1:{port}" for port in ports)
    family = children()
    assert len(family) == 2
    supervisor.stop()
    assert not running(family) and not any(
        answers(f"http://127.0.0.1:{port}/") for port in ports)


def test_a_part_that_is_killed_comes_back_and_waits_longer_each_time(supervisor, keeping, free_port, said, tmp_path):
    port = free_port()
    supervisor.start(web(port))
    keeping()
    [first] = children()
    first.kill()
    until(lambda: said[-1] == f"web is back: http://127.0.0.1:{port}")
    assert said[1].startswith("web ended with -9; it starts again in 1 s.")
    [second] = children()
    assert second.pid != first.pid and answers(f"http://127.0.0.1:{port}/")
    second.kill()
    until(lambda: "it starts again in 2 s" in said[-1])
    assert "GET / HTTP/1.1" in (tmp_path / "web.log").read_text()


def test_what_a_killed_server_leaves_behind_gives_up_its_port(supervisor, keeping, free_port, said, tmp_path):
    port = free_port()
    (tmp_path / "front.py").write_text(
        "import subprocess, sys\n"
        f"subprocess.run([sys.executable, '-m', 'http.server', '{port}', '--bind', '127.0.0.1'])\n")
    supervisor.start(Part("front", ("front",), lambda: answers(f"http://127.0.0.1:{port}/", seconds=1),
                          {"PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"}, grace=1))
    keeping()
    until(lambda: len(children()) == 2)
    before = children()
    until(lambda: supervisor._running[0]._family)
    before[0].kill()
    until(lambda: said and said[-1].startswith("front is back"))
    assert not running(before) and answers(f"http://127.0.0.1:{port}/")


def test_what_a_killed_worker_started_ends_with_it_and_is_told_before_the_next(supervisor, keeping, said, tmp_path):
    (tmp_path / "worker.py").write_text(
        "import subprocess, sys\n"
        "subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'], start_new_session=True)\n")
    supervisor.start(Part("worker", ("worker",), lambda: True, {"PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"},
                          grace=1, again=lambda: said.append("its runs are cut off")))
    keeping()
    until(lambda: len(children()) == 2)
    before = children()
    until(lambda: supervisor._running[0]._family)
    before[0].kill()
    until(lambda: said[-1] == "worker is back")
    assert not running(before) and said[-2] == "its runs are cut off" and said.count("its runs are cut off") == 1


def test_a_part_that_does_not_start_is_told_with_its_last_lines(supervisor):
    broken = Part("broken", ("http.server", "no-port"), lambda: False)
    with pytest.raises(HeadgateError, match=r"(?s)broken does not start.*invalid int value: 'no-port'.*broken\.log"):
        supervisor.start(broken)


def test_one_that_will_not_end_is_killed(supervisor, tmp_path):
    (tmp_path / "stubborn.py").write_text(
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "subprocess.Popen([sys.executable, '-c', 'import signal, time; signal.signal(15, signal.SIG_IGN); "
        "time.sleep(600)'], start_new_session=True)\n"
        "time.sleep(600)\n")
    part = Part("stubborn", ("stubborn",), lambda: len(children()) == 2,
                {"PYTHONPATH": f"{tmp_path}{os.pathsep}{CHECKOUT}"}, grace=0.5)
    supervisor.start(part)
    family = children()
    started = time.monotonic()
    supervisor.stop()
    assert len(family) == 2 and not running(family)
    assert time.monotonic() - started < 10


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_what_watches_may_be_killed_and_leaves_nothing(free_port, tmp_path):
    port = free_port()
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen([sys.executable, str(script), str(tmp_path), str(port)], stdout=subprocess.PIPE,
                              text=True, cwd=CHECKOUT, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
    until(lambda: parent.stdout.readline().strip() == "ready")
    family = started_by(parent.pid)
    assert family
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    until(lambda: not running(family))


def test_processes_are_known_by_number_and_birth():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        [(pid, born)] = processes.below(os.getpid()) & {(child.pid, processes.table()[child.pid][1])}
        assert processes.alive({(pid, born), (pid, "another"), (2 ** 22 + 1, born)}) == {(pid, born)}
    finally:
        child.communicate(b"\n")
    assert processes.alive({(pid, born)}) == set()


def test_logs_are_kept_beside_each_other(supervisor, free_port, tmp_path):
    supervisor.start(web(free_port(), "one"), web(free_port(), "two"))
    assert {path.name for path in Path(tmp_path).glob("*.log")} == {"one.log", "two.log"}
