"""Notices reach a real receiver over HTTP, once per change of state; channels that fail cost nothing but a line."""

import logging
import socket
import time
from types import SimpleNamespace

import pytest
from prefect.states import Crashed
from receiver import receiving

from headgate.notices import Notice, find_channels, tell
from headgate.notices.deliver import deliver
from headgate.spec.notify import Notify
from headgate.workspace import Workspace
from tasks.notifying import announce, tell_end

DRIFT = Notice("drift", "tides", "Drift was found.", why="moon moved.", serving="Version 1 is champion.")
NONE = Notice("no_drift", "tides", "The drift is gone.")


@pytest.fixture
def place(tmp_path):
    return SimpleNamespace(workspace=Workspace.from_environment({"HEADGATE_HOME": str(tmp_path / "home")}, tmp_path))


def channels(*urls, notify=None):
    return find_channels(notify, {"HEADGATE_NOTIFY": " ".join(urls)})


def test_a_web_address_gets_the_notice_as_json(place):
    with receiving() as receiver:
        outcome = tell(place.workspace, DRIFT, channels(f"{receiver.url}/hooks/T0KEN?room=1&quiet="))
    assert outcome == {"http://127.0.0.1": None}
    [(path, document)] = receiver.got
    assert path == "/hooks/T0KEN?room=1&quiet="
    assert document["title"] == "tides: drift found" and document["type"] == "warning"
    assert (document["kind"], document["model"]) == ("drift", "tides")
    assert document["message"] == ("What happened: Drift was found.\nWhy: moon moved.\n"
                                   "What serves now: Version 1 is champion.")


def test_an_apprise_url_gets_it_too(place):
    with receiving() as receiver:
        tell(place.workspace, DRIFT, channels(receiver.url.replace("http", "json", 1)))
    assert receiver.kinds == ["drift"]


def test_each_change_of_state_is_told_once(place):
    with receiving() as receiver:
        for notice in (NONE, NONE, DRIFT, DRIFT, NONE, NONE, DRIFT):
            tell(place.workspace, notice, channels(receiver.url))
    assert receiver.kinds == ["drift", "no_drift", "drift"], "nothing was wrong before the first drift"


def test_another_version_is_another_state_and_another_model_has_its_own(place):
    with receiving() as receiver:
        for model, about in (("tides", "1"), ("tides", "1"), ("tides", "2"), ("moons", "2")):
            tell(place.workspace, Notice("deployed", model, "x", about=about), channels(receiver.url))
    assert [document["model"] for _, document in receiver.got] == ["tides", "tides", "moons"]


def test_kinds_that_are_not_wanted_are_changes_of_state_all_the_same(place):
    notify = Notify(on=["drift"])
    with receiving() as receiver:
        for notice in (DRIFT, NONE, DRIFT):
            tell(place.workspace, notice, channels(receiver.url), notify=notify)
    assert receiver.kinds == ["drift", "drift"]


WORSE = Notice("gates_rejected", "tides", "It was rejected.", about="accuracy")


def test_what_a_notice_covers_is_told_by_it_and_no_news_after_it(place):
    both = Notice("retrained", "tides", "It was trained again.", about="2",
                  covers=(Notice("registered", "tides", "Version 2 waits.", about="2"),))
    with receiving() as receiver:
        for notice in (WORSE, both, *both.covers, both, WORSE):
            tell(place.workspace, notice, channels(receiver.url))
    assert receiver.kinds == ["gates_rejected", "retrained", "gates_rejected"]


def test_where_only_what_a_notice_covers_is_wanted_that_is_sent_in_its_place(place):
    both = Notice("retrained", "tides", "It was trained again.", about="2",
                  covers=(Notice("registered", "tides", "Version 2 waits.", about="2"),))
    with receiving() as receiver:
        tell(place.workspace, both, channels(receiver.url), notify=Notify(on=["registered"]))
        tell(place.workspace, both, channels(receiver.url), notify=Notify(on=["registered"]))
    assert receiver.kinds == ["registered"]


def test_of_a_notice_and_what_it_covers_only_news_is_sent(place):
    """The same gates failed again, for another reason to train; and once more, with nothing new at all."""
    def rejected(fired):
        return Notice("gates_rejected", "tides", "It was rejected.", about="accuracy",
                      covers=(Notice("not_retrained", "tides", "It was rejected.", about=f"rejected {fired}"),))
    with receiving() as receiver, receiving() as picky:
        for fired in ("drift", "schedule", "schedule"):
            tell(place.workspace, rejected(fired), channels(receiver.url))
            tell(place.workspace, rejected(fired), channels(picky.url.replace("127.0.0.1", "localhost")),
                 notify=Notify(on=["gates_rejected"]))
    assert receiver.kinds == ["gates_rejected", "not_retrained"] and picky.kinds == ["gates_rejected"]


def test_a_channel_that_failed_is_told_the_next_time_and_the_others_are_not(place):
    with receiving() as well, receiving(500) as ill:
        first = tell(place.workspace, DRIFT, channels(f"{well.url}/hook-one", f"{ill.url}/hook-two"))
        assert first["http://127.0.0.1"] is None and "500" in first["http://127.0.0.1 2"]
        ill.status = 200
        again = tell(place.workspace, DRIFT, channels(f"{well.url}/hook-one", f"{ill.url}/hook-two"))
    assert again == {"http://127.0.0.1 2": None}
    assert (len(well.got), len(ill.got)) == (1, 2)


def test_one_that_hangs_or_is_not_there_does_not_hold_up_the_others(place):
    with socket.socket() as nobody, receiving() as well, receiving(hold=True) as hung:
        nobody.bind(("127.0.0.1", 0))
        found = channels(f"json://localhost:{nobody.getsockname()[1]}", hung.url, "nonsense", "what://x",
                         f"json://127.0.0.1:{well.server.server_port}")
        started = time.monotonic()
        outcome = deliver([(one, DRIFT) for one in found], seconds=1.0)
        assert time.monotonic() - started < 15
    assert outcome["json://127.0.0.1"] is None and well.kinds == ["drift"]
    assert outcome["http://127.0.0.1"] == "no answer within 1 seconds"
    assert "Connection error" in outcome["json://localhost"]
    assert all(outcome.values()) is False and len([one for one in outcome.values() if one]) == len(found) - 1


def test_what_was_told_survives_a_broken_memory(place):
    with receiving() as receiver:
        tell(place.workspace, DRIFT, channels(receiver.url))
        memory = place.workspace.home / "notices" / "tides.json"
        assert receiver.url not in memory.read_text() and "drift" in memory.read_text()
        for broken in ("{", "[]", '{"drift": 3}'):
            memory.write_text(broken)
            tell(place.workspace, DRIFT, channels(receiver.url))
    assert receiver.kinds == ["drift"] * 4


def test_announcing_logs_what_fails_without_secrets_and_never_raises(place, monkeypatch, caplog):
    caplog.set_level(logging.INFO, "headgate")
    monkeypatch.delenv("HEADGATE_NOTIFY", raising=False)
    assert announce(place, DRIFT) == {} and not (place.workspace.home / "notices").exists()
    with receiving(500) as ill:
        monkeypatch.setenv("HEADGATE_NOTIFY", f"{ill.url}/S3CRETPATH ${{NOT_SET}}")
        outcome = announce(place, DRIFT)
    assert set(outcome) == {"http://127.0.0.1", "${NOT_SET}"} and all(outcome.values())
    told = [one.getMessage() for one in caplog.records if one.name.startswith("headgate")]
    assert [one.split(" of ")[0] for one in told] == ["could not tell http://127.0.0.1", "could not tell ${NOT_SET}"]
    assert "error=500" in told[0] and not any("S3CRETPATH" in one for one in told)
    place.workspace.home.joinpath("notices").write_text("a file where a folder should be")
    assert announce(place, DRIFT) == {}


def test_a_model_has_channels_of_its_own(place, monkeypatch, tmp_path):
    folder = tmp_path / "models" / "tides"
    folder.mkdir(parents=True)
    (folder / "model.yaml").write_text(
        "name: tides\ndata: {source: {csv: t.csv}}\ncolumns: [{name: moon, kind: number}]\n"
        "target: {column: high, classes: [no, yes]}\nalgorithms: [logistic_regression]\n"
        "notify: {to: ['${TIDES_HOOK}'], on: [drift, rolled_back]}\n", encoding="utf-8")
    with receiving() as receiver:
        monkeypatch.setenv("TIDES_HOOK", receiver.url)
        announce(place, DRIFT)
        announce(place, Notice("deployed", "tides", "x"))
    assert receiver.kinds == ["drift"]


def test_a_run_that_was_killed_is_told_as_the_worker_calls_the_hook(place, monkeypatch):
    run = SimpleNamespace(deployment_id="1", parameters={"model": "tides"}, name="deploy tides 2")
    monkeypatch.setenv("HEADGATE_HOME", str(place.workspace.home))
    with receiving() as receiver:
        monkeypatch.setenv("HEADGATE_NOTIFY", receiver.url)
        tell_end(flow=SimpleNamespace(name="deploy"), flow_run=run, state=Crashed(message="exited with -9"))
    assert receiver.kinds == ["failed"] and "exited with -9" in receiver.got[0][1]["message"]
