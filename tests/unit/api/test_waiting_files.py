"""Whose file of waiting predictions it is: that of a process that is still there, or anybody's."""

import os
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from api.behind import files
from api.behind.metrics import make_metrics
from api.behind.spool import Spool
from headgate.workspace import Workspace


def waiting(folder, process, *, at):
    """Write a file as a process of that number would, and say when it was written."""
    path = folder / files.name_of(f"{process}-0a0b0c0d", 0)
    files.write_whole(path, b"{}")
    os.utime(path, (at, at))
    return path


def test_a_file_of_this_process_is_its_own(tmp_path):
    assert files.alive(waiting(tmp_path, os.getpid(), at=time.time()))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process began")
@pytest.mark.parametrize("earlier, alive", [(-0.2, True), (0.2, False), (3600, False)])
def test_a_file_from_before_this_process_is_of_another_of_its_number(tmp_path, earlier, alive):
    assert files.alive(waiting(tmp_path, os.getpid(), at=files.began(os.getpid()) - earlier)) is alive


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells when a process began")
def test_when_a_process_began_is_told_to_a_tenth_of_a_second():
    before = time.time()
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert before - 0.1 <= files.began(process.pid) <= time.time() + 0.1
    finally:
        process.communicate(b"\n")


def test_a_file_of_a_process_that_ended_or_of_nobody_is_anybodys(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    assert not files.alive(waiting(tmp_path, process.pid, at=time.time()))
    assert not files.alive(tmp_path / "nobody.jsonl")


def spool_at(folder):
    workspace = Workspace.from_environment({"HEADGATE_HOME": str(folder)})
    return Spool(workspace, make_metrics(), memory=10**6, disk=10**6, apart=False)


def test_a_disk_that_was_full_is_told_until_it_is_not_without_another_prediction(tmp_path, monkeypatch):
    full, write = [True], Path.write_bytes

    def write_bytes(self, data):
        if full:
            raise OSError(28, "No space left on device")
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", write_bytes)
    monkeypatch.setattr("api.behind.spool.TRY_SECONDS", 0)
    spool = spool_at(tmp_path)
    spool.put([b"{}"], 1)
    spool.look()
    assert "No space left" in spool.trouble
    full.clear()
    spool.look()
    assert spool.trouble == "" and list((tmp_path / "spool").iterdir()) == []


def test_a_backlog_that_is_worked_off_is_no_silence(tmp_path, monkeypatch):
    clock = [1000.0]
    monkeypatch.setattr("api.behind.spool.time", SimpleNamespace(monotonic=lambda: clock[0]))
    spool = spool_at(tmp_path)
    for _ in range(5):
        spool.put([b"{}"], 1)
    for number in range(4):
        clock[0] += 50
        assert spool.trouble == "", "one was written within the last minute"
        spool.writer._writer.told({"number": number, "dropped": False})
    clock[0] += 59
    assert spool.trouble == ""
    clock[0] += 2
    assert "nothing for a minute" in spool.trouble


def value(metrics):
    return metrics.registry.get_sample_value("headgate_log_spool_bytes", {})


def test_the_size_of_what_others_left_is_seen_without_traffic(tmp_path, monkeypatch):
    monkeypatch.setattr("api.behind.spool.LOOK_SECONDS", 0)
    metrics, workspace = make_metrics(), Workspace.from_environment({"HEADGATE_HOME": str(tmp_path)})
    spool = Spool(workspace, metrics, memory=1, disk=10**6, apart=False)
    spool.look()
    assert value(metrics) == 0
    (tmp_path / "spool").mkdir()
    left = waiting(tmp_path / "spool", os.getpid(), at=time.time())
    spool.look()
    assert value(metrics) == left.stat().st_size > 0
    left.unlink()
    spool.look()
    assert value(metrics) == 0
