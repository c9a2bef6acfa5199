"""Services that are asked by a deployment: every answer within its time, and staging as it should be and as not."""

import json
import shutil
import socket

import misbehaving
import psutil
import pytest
from bundles import SPEC
from misbehaving import listening, took
from running import as_process, free_port, in_thread, until

from api.keys import add_key
from headgate import ledger
from headgate.errors import HeadgateError, NotServing, ServiceAway
from headgate.prediction_log import read_rows
from headgate.registry import aliases, read
from headgate.registry.register import register
from headgate.rollout import own_server, production, serving, smoke
from headgate.rollout.choose import inspect
from headgate.rollout.service import Service
from headgate.rollout.stage import stage

SLOW = (misbehaving.silent, misbehaving.dripping, misbehaving.dripping_headers)
BROKEN = (misbehaving.cut_off, misbehaving.hanging_up, misbehaving.no_http)


@pytest.fixture
def workspace(stocked):
    """A registry with a champion, version 1, a challenger, version 2, and version 3, which was held by its gates."""
    return stocked


@pytest.fixture
def chosen(workspace):
    return inspect(workspace, read.find_version(workspace, "kettle", "2"))


@pytest.mark.parametrize("behave", SLOW, ids=lambda one: one.__name__)
def test_what_takes_too_long_is_cut(behave):
    with listening(behave) as url:
        found, seconds = took(lambda: Service(url, seconds=0.5).get("/health"))
    assert isinstance(found, ServiceAway) and "within 0.5 s" in str(found) and 0.4 < seconds < 5


@pytest.mark.parametrize("behave", BROKEN, ids=lambda one: one.__name__)
def test_what_is_broken_is_told_at_once(behave):
    with listening(behave) as url:
        found, seconds = took(lambda: Service(url, seconds=10).get("/health"))
    assert isinstance(found, ServiceAway) and "GET /health" in str(found) and seconds < 5


def test_nobody_listens():
    with pytest.raises(ServiceAway, match="refused"):
        Service(f"http://127.0.0.1:{free_port()}").get("/health")


def test_staging_of_ones_own_leaves_nothing_behind(workspace, chosen):
    before = {one.pid for one in psutil.Process().children(recursive=True)}
    staged = stage(workspace, chosen, patience=30)
    assert staged.ok, staged.sentence
    assert [one.name for one in staged.checks] == ["serves it", *(name for name, _ in smoke.CHECKS)]
    assert "passed all 9 checks" in staged.sentence and not list(workspace.staging.iterdir())
    assert {one.pid for one in psutil.Process().children(recursive=True)} <= before
    assert not (workspace.home / "spool").exists(), "it has a home of its own"


def test_staging_of_ones_own_that_cannot_start(workspace, chosen, monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(own_server, "_free_port", lambda: taken.getsockname()[1])
        staged = stage(workspace, chosen, patience=30)
    assert not staged.ok and "ended before it served" in staged.sentence and "cannot listen" in staged.sentence


def test_a_bundle_that_was_changed_does_not_get_to_staging(workspace, chosen, tmp_path):
    from dataclasses import replace

    from headgate.errors import BundleBroken
    shutil.copytree(chosen.folder, tmp_path / "copy")
    (tmp_path / "copy" / "report.html").write_text("another")
    with pytest.raises(BundleBroken):
        stage(workspace, replace(chosen, folder=str(tmp_path / "copy")), patience=5)
    assert not list(workspace.staging.iterdir())


def test_a_staging_service_is_told_by_the_alias(workspace, chosen):
    with in_thread(workspace, alias="staging", prediction_log=False) as service:
        assert service.get("/models/kettle").json()["version"] == "1"
        staged = stage(workspace, chosen, Service(f"http://127.0.0.1:{service.port}"), patience=10)
        assert staged.ok, staged.sentence
        assert service.get("/models/kettle").json()["version"] == "2"
        assert stage(workspace, chosen, Service(f"http://127.0.0.1:{service.port}"), patience=10).ok
    assert read.with_alias(workspace, "kettle", "staging").version == "2"
    assert read.champion(workspace, "kettle").version == "1"
    assert [one.event for one in ledger.entries(workspace, "kettle")].count("staged") == 1, "told once"


def test_a_staging_service_with_keys_needs_an_admins(workspace, chosen, tmp_path):
    anybody, admin = add_key(tmp_path / "keys", "ada"), add_key(tmp_path / "keys", "ops", admin=True)
    with in_thread(workspace, alias="staging", prediction_log=False, keys_file=tmp_path / "keys") as service:
        url = f"http://127.0.0.1:{service.port}"
        assert stage(workspace, chosen, Service(url, key=admin), patience=10).ok
        for key in ("", anybody):
            refused = stage(workspace, chosen, Service(url, key=key), patience=10)
            assert not refused.ok and "docs/deploying.md" in refused.sentence


def test_staging_that_serves_champions_is_found_out(workspace, chosen):
    with in_thread(workspace) as service:
        staged = stage(workspace, chosen, Service(f"http://127.0.0.1:{service.port}"), patience=1)
    assert not staged.ok and "does not serve the version" in staged.sentence and "--alias staging" in staged.sentence


def test_staging_that_does_not_answer(workspace, chosen):
    staged, seconds = took(lambda: stage(workspace, chosen, Service(f"http://127.0.0.1:{free_port()}"), patience=1))
    assert not staged.ok and "does not answer" in staged.sentence and seconds < 10


@pytest.mark.parametrize("behave", [*SLOW, misbehaving.no_json], ids=lambda one: one.__name__)
def test_staging_that_hangs_or_is_something_else(workspace, chosen, behave):
    with listening(behave) as url:
        staged, seconds = took(lambda: stage(workspace, chosen, Service(url, seconds=0.3), patience=1))
    assert not staged.ok and seconds < 12


def test_smoke_tests_that_hang_end_in_time(chosen):
    wanted = smoke.Wanted.of(chosen.folder, "kettle", chosen.digest)
    with listening(misbehaving.silent) as url:
        found, seconds = took(lambda: smoke.run_smoke(Service(url, seconds=0.3), wanted, seconds=0.5))
    assert len(found) == len(smoke.CHECKS) and not any(one.ok for one in found) and seconds < 8
    assert "not begun" in found[-1].sentence


def test_smoke_tests_find_another_version(workspace, chosen):
    """What answers is version 1; asked for is version 2."""
    wanted = smoke.Wanted.of(chosen.folder, "kettle", chosen.digest)
    with in_thread(workspace) as service:
        found = smoke.run_smoke(Service(f"http://127.0.0.1:{service.port}"), wanted, seconds=60)
    wrong = {one.name for one in found if not one.ok}
    assert wrong == {"digest", "golden rows alone", "golden rows in a batch", "digest afterwards"}


def test_a_refused_version_is_told_at_once(workspace, bundle):
    """The bytes in the registry were changed after they were registered."""
    own = register(workspace, bundle(bias=2.0))
    with in_thread(workspace) as service:
        golden = json.loads((own.bundle / "golden.json").read_text())
        (own.bundle / "golden.json").write_text(json.dumps({**golden, "tolerance": 0.09}))
        aliases.move_aliases(workspace, "kettle", {"champion": own.version})
        found, seconds = took(lambda: serving.wait_for_digest(Service(f"http://127.0.0.1:{service.port}"), "kettle",
                                                              own.digest, seconds=20))
    assert isinstance(found, NotServing) and "was changed after the bundle was sealed" in str(found) and seconds < 10


def test_production_with_keys_is_told_and_proved_with_an_admins(workspace, chosen, tmp_path):
    anybody, admin = add_key(tmp_path / "keys", "ada"), add_key(tmp_path / "keys", "ops", admin=True)
    with in_thread(workspace, keys_file=tmp_path / "keys", poll_seconds=60) as service:
        url = f"http://127.0.0.1:{service.port}"
        two = aliases.promote(workspace, "kettle", "2").champion
        with pytest.raises(NotServing, match="It was not told to look .*may not administer"):
            production.verify(workspace, (Service(url, key=anybody),), two, patience=1)
        told = production.verify(workspace, (Service(url, key=admin),), two, patience=10)
        assert f"{url} serves version 2 with digest {chosen.digest[:12]}" in told
        assert list(read_rows(workspace, "kettle")) == [] and service.metric("headgate_predictions_total") == 0


def test_several_workers_are_all_waited_for_and_counted_together(workspace):
    with as_process(workspace, "--workers", 2) as running:
        service = Service(f"http://127.0.0.1:{running.port}")
        assert production.count_champion((service,), "kettle", "1")["predict"].requests == 0
        two = aliases.promote(workspace, "kettle", "2").champion
        production.verify(workspace, (service,), two, patience=20)
        for _ in range(50):     # each over a connection of its own, to whichever worker takes it
            assert service.post("/models/kettle/predict", {"water level": 1.5}).document["model_version"] == "2"
        until(lambda: production.count_champion((service,), "kettle", "2")["predict"].requests == 50)


def test_a_service_of_a_folder_does_not_follow(workspace, tmp_path):
    (tmp_path / "bundles").mkdir()
    (tmp_path / "bundles" / "roles.json").write_text('{"models": {}}')
    with in_thread(workspace, bundles=tmp_path / "bundles") as service:
        with pytest.raises(HeadgateError, match="which no promotion moves"):
            production.check_follows(Service(f"http://127.0.0.1:{service.port}"))


def hello(line, over):
    """Some other web server, which has an answer to everything."""
    line.sendall(misbehaving.OK % (18, b"<html>hello</html>"))


def similar(line, over):
    """A server whose answer has the same names, and other things behind them."""
    body = b'{"source":"registry","models":["kettle"],"refused":"no"}'
    line.sendall(misbehaving.OK % (len(body), body))


@pytest.mark.parametrize("behave", [hello, similar, misbehaving.no_json], ids=lambda one: one.__name__)
def test_another_web_server_is_no_production(behave):
    with listening(behave) as url, pytest.raises(HeadgateError, match="no service of Headgate.*production-url"):
        production.check_follows(Service(url))
    with listening(behave) as url:
        assert serving.look(Service(url), "kettle").digest == ""


def test_a_service_of_another_alias_is_no_production(workspace):
    with in_thread(workspace, alias="staging") as service:
        with pytest.raises(HeadgateError, match="no production") as told:
            production.check_follows(Service(f"http://127.0.0.1:{service.port}"))
    assert told.value.value == "staging"


def test_columns_of_the_bundle_are_what_is_asked(chosen):
    wanted = smoke.Wanted.of(chosen.folder, "kettle", chosen.digest)
    assert set(wanted.rows[0]) == {one["name"] for one in SPEC["columns"]} and wanted.classes == ("no", "yes")
