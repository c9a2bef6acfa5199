"""A version on its way to production, over a real registry, real services and a real Prefect server."""

import threading

import kettles
import pytest
from prefect_pages import artifacts, events as events_of, flow_run
from receiver import receiving
from running import until

from headgate import ledger
from headgate.registry import read

QUICK = ("--watch-seconds", "1", "--patience", "10")


@pytest.fixture
def place(kettle_place):
    """Champion 1, challenger 2, and 3, which is strict and was held by its gates."""
    return kettle_place


def events(place):
    return [one.event for one in ledger.entries(place.workspace, "kettle")]


def test_a_challenger_is_deployed_and_the_next_run_finds_nothing_to_do(place):
    with kettles.production(place) as (service, url):
        early = place.deploy("--staged", "--approve", "--production-url", url, *QUICK)
        assert (early.code, early["outcome"]) == (1, "refused"), "nothing was proved on staging yet"
        proved = place.deploy("--stage-only", "--production-url", url, *QUICK)
        assert (proved.code, proved["outcome"], proved["version"]) == (0, "staged", "2"), proved.complained
        assert kettles.steps(proved) == dict.fromkeys(("take", "production", "staging"), "done")
        assert kettles.roles(place)["champion"] == "1" and flow_run(place.api, proved["run_id"])["state_type"] == \
            "COMPLETED"
        answer = place.deploy("--staged", "--approve", "--production-url", url, *QUICK)
        assert (answer.code, answer["outcome"], answer["version"]) == (0, "deployed", "2"), answer.complained
        assert kettles.serves(service) == answer["digest"]
        assert kettles.roles(place) == {"champion": "2", "previous": "1"}
        assert kettles.steps(answer) == dict.fromkeys(
            ("take", "production", "staging", "approval", "promotion", "verification", "watch"), "done")
        assert "deployment ended" in events(place) and ledger.verify_chain(place.workspace, "kettle").ok
        shown = artifacts(place.api, answer["run_id"])["kettle-deployment"]["data"]
        assert answer["digest"] in shown and "golden rows alone" in shown
        assert flow_run(place.api, answer["run_id"])["name"] == "deploy kettle v2 deployed"
        told = [one for one in events_of(place.api, "headgate.version.deployed")
                if one["resource"]["prefect.resource.id"] == "headgate.model.kettle"]
        assert told[0]["payload"] == {"model": "kettle", "version": "2", "digest": answer["digest"], "champion": "2",
                                      "outcome": "deployed"}
        again = place.deploy("--production-url", url, *QUICK)
        assert (again.code, again["outcome"], again["version"]) == (0, "unchanged", "2"), again.complained
        assert kettles.steps(again) == {"take": "done", "verification": "done"}


def test_a_version_that_did_not_pass_its_gates_is_refused(place, monkeypatch):
    with receiving() as receiver:
        monkeypatch.setenv("HEADGATE_NOTIFY", receiver.url)
        answer = place.deploy("--version", "3", "--approve", *QUICK)
    [(_, told)] = receiver.got
    assert told["kind"] == "not_deployed" and "Version 3 was not deployed." in told["message"]
    assert "did not pass every gate" in told["message"] and "Version 1 is champion." in told["message"]
    assert (answer.code, answer["outcome"]) == (1, "refused") and "--override" in answer["sentence"]
    assert "accuracy: As it should be." in answer["sentence"]
    assert kettles.roles(place)["champion"] == "1" and events(place)[-1] == "deployment refused"
    assert flow_run(place.api, answer["run_id"])["state_name"] == "Rejected"


@pytest.mark.parametrize("version", ["99", "nobody", "abcdef0123"])
def test_a_version_that_there_is_not(place, version):
    answer = place.deploy("--version", version, "--approve", *QUICK)
    assert answer.code == 2 and answer["kind"] == "VersionNotFound" and version in answer["error"]


def test_a_version_forced_through_whose_errors_rise_is_rolled_back(place, monkeypatch):
    worse = read.find_version(place.workspace, "kettle", "3")
    over, statuses = threading.Event(), []
    with kettles.production(place) as (service, url), receiving() as receiver:
        monkeypatch.setenv("HEADGATE_NOTIFY", receiver.url)

        def customers():
            while not over.is_set():
                statuses.append(service.post("/models/kettle/predict", kettles.TOO_MUCH).status_code)
        clients = threading.Thread(target=customers)
        clients.start()
        try:
            until(lambda: len(statuses) > 100)
            answer = place.deploy("--version", worse.digest[:10], "--override", "a wager", "--approve",
                                  "--production-url", url, "--watch-seconds", "60", "--patience", "10")
            assert (answer.code, answer["outcome"], answer["version"]) == (1, "rolled_back", "3"), answer.complained
            assert set(statuses) == {200, 422} and kettles.serves(service) != worse.digest
            seen = len(statuses)
            until(lambda: len(statuses) > seen + 50)
            assert set(statuses[seen:]) == {200}, "the version before answers again"
        finally:
            over.set()
            clients.join()
    [(_, told)] = receiver.got
    assert told["kind"] == "rolled_back" and "requests failed" in told["message"]
    assert events_of(place.api, "headgate.version.rolled_back")[0]["payload"]["champion"] == "1"
    [watch] = [one for one in answer["steps"] if one["step"] == "watch"]
    assert watch["seconds"] < 30 and "requests failed" in watch["sentence"]
    assert kettles.roles(place) == {"champion": "1", "challenger": "2"}
    assert events(place)[-3:] == ["deployment undoes", "rolled back", "deployment ended"]
    assert ledger.verify_chain(place.workspace, "kettle").ok
