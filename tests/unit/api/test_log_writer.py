"""The writer of the prediction log, where files and pipes misbehave."""

import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import CHECKOUT, workspace_at

from api.behind import files
from api.behind.book import Book
from api.behind.metrics import make_metrics
from api.behind.writer import Page, Writer
from headgate import prediction_log
from headgate.errors import Unstorable

LINE = (b'{"id":"%032x","at":1,"rows":1,"model":"kettle","version":"1","digest":"d","role":"champion","key":[],'
        b'"inputs":{"a":1},"outputs":{"no":0.5,"yes":0.5}}')


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "spool").mkdir()
    return workspace_at(tmp_path)


def written(workspace, *pages, name="1-a"):
    """Let a writer write pages and what it finds; return what it told."""
    told = []
    writer = Writer(workspace, told.append, name)
    for page in pages:
        writer.add(page)
    writer.finish()
    writer.run()
    return told


def a_file(workspace, number, name="999999-b"):
    path = workspace.home / "spool" / files.name_of(name, number)
    files.write_whole(path, LINE % number)
    return path


def test_a_file_that_cannot_be_deleted_holds_up_no_other_and_is_not_written_again(workspace, monkeypatch):
    stuck, other = a_file(workspace, 1), a_file(workspace, 2)
    delete = files.delete

    def refuses(path):
        if path == stuck:
            raise PermissionError("read-only")
        return delete(path)

    monkeypatch.setattr(files, "delete", refuses)
    assert written(workspace, Page(0, 1, str(stuck)), Page(1, 1, str(other))) == [
        {"number": 0, "dropped": False}, {"number": 1, "dropped": False}]
    assert stuck.exists() and not other.exists()


def test_a_file_that_somebody_else_was_first_to_write_counts_there(workspace, monkeypatch):
    path = a_file(workspace, 1)
    read = Path.read_bytes

    def while_another_deletes_it(self):
        data = read(self)
        self.unlink()
        return data

    monkeypatch.setattr(Path, "read_bytes", while_another_deletes_it)
    assert written(workspace) == [{"adopted": 0}]
    assert not path.exists()


def test_files_of_the_service_are_left_to_its_pages_until_it_has_ended(workspace):
    path = a_file(workspace, 1, name="999999-mine")
    writer = Writer(workspace, lambda news: writer.stop(), "999999-mine")
    a_file(workspace, 2)
    writer.run()
    assert path.exists() and len(files.waiting(path.parent)) == 1
    assert written(workspace, name="999999-mine") == [{"adopted": 1}]


@pytest.mark.parametrize("odd", [
    LINE.replace(b'"%032x"', b'{"a":1}'), LINE.replace(b'"version":"1"', b'"version":["1"]') % 1,
    LINE.replace(b'"at":1', b'"at":"1"') % 1, b"garbage", LINE[:60]])
def test_a_file_that_no_database_takes_is_put_aside_and_counted_and_holds_up_no_other(workspace, odd):
    path = workspace.home / "spool" / files.name_of("999999-b", 1)
    files.write_whole(path, odd)
    a_file(workspace, 2)
    assert written(workspace) == [{"adopted": 0, "lost": 1}, {"adopted": 1}]
    assert path.with_suffix(files.ASIDE).exists() and not files.waiting(path.parent)


def test_a_value_that_the_database_never_takes_is_the_fault_of_its_page_alone(workspace, monkeypatch):
    def narrow(url, entries):
        if entries[0]["role"] == "x" * 30:
            raise Unstorable("too long")
        return write(url, entries)

    write = prediction_log.write_entries
    monkeypatch.setattr(prediction_log, "write_entries", narrow)
    wide = Page(0, 1, data=(LINE % 1).replace(b"champion", b"x" * 30))
    assert written(workspace, wide, Page(1, 1, data=LINE % 2)) == [
        {"number": 0, "dropped": True}, {"number": 1, "dropped": False}]


def test_files_of_a_dead_process_are_taken_over_while_pages_come_all_the_time(workspace, monkeypatch):
    monkeypatch.setattr("api.behind.writer.SWEEP_SECONDS", 0.05)
    told, numbers = [], iter(range(1, 10_000))

    def hear(news):
        told.append(news)
        if "adopted" in news or len(told) > 40:
            writer.stop()
        else:
            time.sleep(0.01)
            number = next(numbers)
            writer.add(Page(number, 1, data=LINE % number))
        if len(told) == 3:
            a_file(workspace, 99_999)

    writer = Writer(workspace, hear, "1-a")
    writer.add(Page(0, 1, data=LINE % 0))
    writer.run()
    assert {"adopted": 1} in told


def test_pages_that_wait_share_transactions_which_are_not_endless(workspace, monkeypatch):
    seen, write = [], prediction_log.write_entries

    def watched(place, entries):
        seen.append(len(entries))
        write(place, entries)

    monkeypatch.setattr(prediction_log, "write_entries", watched)
    monkeypatch.setattr("api.behind.writer.PLENTY", 7)
    pages = [Page(number, 3, data=b"\n".join(LINE % (10 * number + row) for row in range(3))) for number in range(5)]
    large = Page(5, 9, data=b"\n".join(LINE % (100 + row) for row in range(9)))
    assert written(workspace, *pages, large) == [{"number": number, "dropped": False} for number in range(6)]
    assert seen == [6, 6, 3, 9]


def test_a_name_with_a_number_that_no_process_has_is_nobodys(tmp_path):
    assert not files.alive(tmp_path / f"0-{10**30}-c.jsonl")


def test_a_scribe_whose_service_died_in_the_middle_of_a_line_writes_what_it_finds_and_ends(workspace):
    a_file(workspace, 1)
    done = subprocess.run([sys.executable, "-m", "api.behind.scribe", "1-a"], input=b'{"number": 1, "ro', cwd=CHECKOUT,
                          capture_output=True, timeout=60, env={"HEADGATE_HOME": str(workspace.home), "PATH": ""})
    assert done.returncode == 0 and b'{"adopted": 1}' in done.stdout and not files.waiting(workspace.home / "spool")


def test_what_could_not_be_written_leaves_no_half_a_file(tmp_path, monkeypatch):
    def full(self, data):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError):
        files.write_whole(tmp_path / "one.jsonl", b"data")
    assert list(tmp_path.iterdir()) == []


class Answer:
    chosen, rows, payload = [0], 100, b"x" * 900


class Served:
    model, version, role, classes, named = "kettle", "1", "champion", ("no", "yes"), ("kettle", "1", "champion")


class Spool:
    def look(self):
        pass


def test_a_book_that_is_full_loses_what_comes_then_and_keeps_what_it_has():
    metrics = make_metrics()
    book = Book(metrics, spool=Spool(), seconds=1, limit=2000)
    for _ in range(3):
        book.keep(Served, "k", 1, Answer, 1000)
    assert len(book._batches) == 1, "one may be larger than the limit, where nothing else waits"
    book._batches.clear()
    book.settle()
    assert b'headgate_log_rows_total{result="dropped"} 200.0' in metrics.text()
