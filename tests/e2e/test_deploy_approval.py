"""A deployment asks a person, and others work while it waits for the answer."""

import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import kettles
import pytest
from prefect_pages import flow_run
from running import until

from headgate import ledger
from headgate.errors import RegistryError
from headgate.lock import DEPLOYMENT, model_lock
from headgate.rollout import question

QUICK = ("--watch-seconds", "0", "--patience", "10")


@pytest.fixture
def place(kettle_place):
    """Champion 1, challenger 2, and 3, which is strict and was held by its gates."""
    return kettle_place


@pytest.fixture
def other():
    """A thread for the deployment that waits."""
    with ThreadPoolExecutor(1) as found:
        yield found


def asked(place, other, *options):
    """Begin to deploy the challenger in the thread `other`; return (its future Answer, the run that is paused)."""
    waiting = other.submit(place.deploy, "--approval-timeout", "60", *options, *QUICK)
    return waiting, until(lambda: kettles.paused(place.api), seconds=60)


def written(place, event):
    """Return what the ledger keeps of each deployment with that event."""
    return [one.to_dict()["body"] for one in ledger.entries(place.workspace, "kettle") if one.event == event]


def test_approval_is_given_through_the_rest_api_as_the_ui_gives_it(place, other):
    with kettles.production(place) as (service, url):
        waiting, run = asked(place, other, "--production-url", url)
        assert kettles.roles(place)["champion"] == "1", "nothing is promoted while it waits"
        told = kettles.resume(place.api, run)
        assert told["status"] == "REJECT" and "approve" in told["details"]["reason"], "without an answer it waits on"
        told = kettles.resume(place.api, run, approve=True, by="ada", reason="looks right")
        assert told["status"] == "ACCEPT", told
        answer = waiting.result(120)
        assert (answer.code, answer["outcome"]) == (0, "deployed"), answer.complained
        assert kettles.serves(service) == answer["digest"]
    [given] = [one for one in ledger.entries(place.workspace, "kettle") if one.event == "deployment approved"]
    assert given.actor == "ada" and "looks right" in given.body


def test_a_no_through_the_rest_api(place, other):
    waiting, run = asked(place, other)
    assert kettles.resume(place.api, run, approve=False, by="ada", reason="not on a Friday")["status"] == "ACCEPT"
    answer = waiting.result(120)
    assert (answer.code, answer["outcome"]) == (1, "not_approved") and "not on a Friday" in answer["sentence"]
    assert kettles.roles(place) == {"champion": "1", "challenger": "2"}
    assert flow_run(place.api, answer["run_id"])["state_name"] == "Rejected"


def test_an_approval_that_never_comes_is_a_no(place):
    answer = place.deploy("--approval-timeout", "1", *QUICK)
    assert (answer.code, answer["outcome"]) == (1, "not_approved"), answer.complained
    assert "Nobody approved it within 1 s" in answer["sentence"] and "Version 1 serves" in answer["sentence"]
    assert kettles.roles(place) == {"champion": "1", "challenger": "2"}
    assert flow_run(place.api, answer["run_id"])["state_name"] == "Rejected"


def test_a_registry_that_is_away_meanwhile_holds_up_no_end(place, monkeypatch):
    """It is there again when the answer came."""
    looks, why_moot = [], question.why_moot

    def away(*words):
        looks.append(words)
        if threading.current_thread().name == "approval":
            raise RegistryError("The registry is away.")
        return why_moot(*words)
    monkeypatch.setattr("headgate.rollout.question.why_moot", away)
    answer = place.deploy("--approval-timeout", "1", *QUICK)
    assert (answer.code, answer["outcome"]) == (1, "not_approved") and len(looks) > 2, answer.complained
    assert "Nobody approved it within 1 s" in answer["sentence"]


@pytest.mark.parametrize("taken_back", [False, True])
def test_a_yes_is_kept_although_the_registry_is_away_as_it_comes(place, other, monkeypatch, taken_back):
    """It counts on, unless somebody promoted the version and took it back since."""
    why_moot = question.why_moot

    def away(*words):
        if threading.current_thread().name == "approval":
            return why_moot(*words)
        raise RegistryError("The registry is away.")
    with monkeypatch.context() as patch:
        patch.setattr("headgate.rollout.question.why_moot", away)
        waiting, run = asked(place, other)
        assert kettles.resume(place.api, run, approve=True, by="ada", reason="looks right")["status"] == "ACCEPT"
        answer = waiting.result(120)
    assert answer.code == 2 and answer["kind"] == "RegistryError", answer.complained
    [given] = written(place, "deployment approved")
    assert given["reason"] == "looks right"
    assert place.deploy("--version", "3", "--override", "a wager", "--stage-only", *QUICK)["outcome"] == "staged"
    if taken_back:
        assert [place.headgate(*words).code for words in (("promote", "kettle", "--version", "2"),
                                                          ("rollback", "kettle"))] == [0, 0]
    again = place.deploy("--version", "2", "--approval-timeout", "1", *QUICK)
    assert (again.code, again["outcome"]) == ((1, "not_approved") if taken_back else (0, "deployed")), again.complained
    assert ("Approved in an earlier run" in again.said) is not taken_back


def test_while_one_waits_another_has_its_turn(place, other, monkeypatch):
    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", "as where a worker runs it")
    waiting, run = asked(place, other)
    turn = httpx.get(f"{place.api}/v2/concurrency_limits/headgate-promotion-kettle").json()
    assert (turn["limit"], turn["active_slots"]) == (1, 0), "the turn is free while a person thinks"
    staged = place.command("flows.deploy", "--model", "kettle", "--stage-only", "--json", *QUICK)
    assert (staged.code, staged["outcome"], staged["version"]) == (0, "staged", "2"), staged.complained
    assert kettles.paused(place.api)["id"] == run["id"], "the question still stands"
    assert kettles.resume(place.api, run, approve=True, by="ada")["status"] == "ACCEPT"
    answer = waiting.result(120)
    assert (answer.code, answer["outcome"], answer["version"]) == (0, "deployed", "2"), answer.complained
    assert answer["deployment"] != staged["deployment"] and kettles.roles(place)["champion"] == "2"


def test_whoever_is_at_work_is_waited_for_with_the_answer_and_not_without(place, other):
    waiting, run = asked(place, other)
    with model_lock(place.workspace, "kettle", purpose=DEPLOYMENT):
        second = place.command("flows.deploy", "--model", "kettle", "--approve", "--json")
        assert second.code == 2 and second["kind"] == "Busy" and "deployment lock" in second["error"], second.complained
        assert kettles.resume(place.api, run, approve=True)["status"] == "ACCEPT"
        until(lambda: flow_run(place.api, run["id"])["state_type"] == "RUNNING")
        assert not waiting.done() and kettles.roles(place)["champion"] == "1"
    answer = waiting.result(120)
    assert (answer.code, answer["outcome"]) == (0, "deployed"), answer.complained


def test_a_newer_question_closes_the_one_before(place, other):
    waiting, run = asked(place, other)
    newer = place.process("flows.deploy", "--model", "kettle", "--version", "3", "--override", "a wager", "--json",
                          "--approval-timeout", "60", *QUICK)
    answer = waiting.result(120)
    assert (answer.code, answer["outcome"]) == (1, "not_approved"), answer.complained
    assert "version 3 is asked about now" in answer["sentence"] and "--version 2" in answer["sentence"]
    assert flow_run(place.api, run["id"])["state_name"] == "Rejected"
    run = until(lambda: kettles.paused(place.api), seconds=60)
    assert kettles.resume(place.api, run, approve=True)["status"] == "ACCEPT"
    said, complained = newer.communicate(timeout=120)
    assert newer.returncode == 0 and kettles.roles(place)["champion"] == "3", said + complained


def test_the_same_version_approved_in_another_run(place, other):
    waiting, run = asked(place, other)
    first = place.command("flows.deploy", "--model", "kettle", "--version", "2", "--approve", "--json", *QUICK)
    assert (first.code, first["outcome"]) == (0, "deployed"), first.complained
    answer = waiting.result(120)
    assert (answer.code, answer["outcome"], answer["champion"]) == (0, "unchanged", "2"), answer.complained
    assert kettles.steps(answer)["approval"] == "skipped" and "champion already by now" in answer["sentence"]
    assert [one["outcome"] for one in written(place, "deployment ended")] == ["deployed"], "one deployment, one end"


def test_a_champion_moved_by_hand_closes_the_question(place, other):
    waiting, run = asked(place, other)
    assert place.headgate("promote", "kettle", "--version", "3", "--override", "by hand").code == 0
    answer = waiting.result(120)
    assert (answer.code, answer["outcome"]) == (1, "not_approved"), answer.complained
    assert "Version 3 became champion while the question was open" in answer["sentence"]
    assert kettles.roles(place)["champion"] == "3" and flow_run(place.api, run["id"])["state_name"] == "Rejected"


def test_a_champion_moved_at_the_moment_of_the_yes_is_not_overrun(place, other, monkeypatch):
    monkeypatch.setattr("headgate.rollout.question.why_moot", lambda *_: None)
    waiting, run = asked(place, other)
    assert place.headgate("promote", "kettle", "--version", "3", "--override", "by hand").code == 0
    assert kettles.resume(place.api, run, approve=True)["status"] == "ACCEPT"
    answer = waiting.result(120)
    assert answer.code == 2 and answer["kind"] == "AliasMoved" and "version 3" in answer["error"], answer.complained
    assert kettles.roles(place)["champion"] == "3"
    assert [one["outcome"] for one in written(place, "deployment ended")] == ["overtaken"]
