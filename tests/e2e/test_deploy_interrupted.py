"""A deployment killed at one step after the other: one champion each time, and the next run finishes or undoes it."""

import multiprocessing
import signal
import threading

import kettles
import pytest
from dying import deploy_until_killed
from running import until

from headgate import ledger
from headgate.registry import read

PRELOADED = ["flows.deploy", "flows.launch.deploy", "flows.launch.show", "mlflow", "alembic.command",
             "mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store",
             "prefect.flow_engine", "prefect.task_engine", "prefect.concurrency.services"]
SET_ALIAS = "headgate.registry.mlflow_store:set_alias"
STEPS = [("after", "tasks.deploying:prove_on_staging", 1, "1"),             # nobody has approved it yet
         ("before", "headgate.rollout.promote:promote", 1, "1"),            # approved, nothing moved
         ("after", SET_ALIAS, 1, "1"),                                      # previous is set, the champion is not
         ("after", SET_ALIAS, 2, "2"),                                      # the champion moved, the ledger lacks it
         ("before", "headgate.rollout.production:verify", 1, "2"),          # promoted, nobody has looked yet
         ("before", "tasks.deploying:watch_production", 1, "2"),            # verified, not watched
         ("before", "tasks.deploying:summary_of", 1, "2")]                  # all done, and nobody was told
BACK = [("before", "headgate.rollout.promote:put_back", 1, "3"),            # it is to be undone
        ("after", SET_ALIAS, 1, "1"),                                       # the champion is back, `previous` remains
        ("before", "tasks.deploying:summary_of", 1, "1")]                   # undone, and nobody was told


@pytest.fixture(scope="module")
def processes():
    """A fork server that has imported what a deployment needs."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


@pytest.fixture
def place(kettle_place):
    """Champion 1, challenger 2, and 3, which is strict and was held by its gates."""
    return kettle_place


def kill_one_after_the_other(place, processes, moments, options):
    for moment, function, call, champion in moments:
        child = processes.Process(target=deploy_until_killed, args=(place, moment, function, call, options))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL, f"{moment} {function}"
        assert kettles.roles(place)["champion"] == champion, f"{moment} {function}"


def test_killed_at_one_step_after_the_other_it_is_finished(place, processes):
    with kettles.production(place) as (service, url):
        options = ("--approve", "--production-url", url, "--watch-seconds", "1", "--patience", "10")
        kill_one_after_the_other(place, processes, STEPS, options)
        answer = place.deploy(*options[1:])
        assert (answer.code, answer["outcome"], answer["resumed"]) == (0, "deployed", True), answer.complained
        assert kettles.serves(service) == answer["digest"] and kettles.steps(answer) == {
            "take": "done", "promotion": "done", "verification": "done", "watch": "done"}
        assert place.deploy(*options)["outcome"] == "unchanged"
    assert kettles.roles(place) == {"champion": "2", "previous": "1"}
    told = [one.event for one in ledger.entries(place.workspace, "kettle")]
    assert told.count("deployment began") == 1 and told.count("deployment approved") == 1, "an approval counts on"
    assert told.count("promoted") == 2 and ledger.verify_chain(place.workspace, "kettle").ok


def test_killed_while_it_is_undone_it_is_undone(place, processes):
    worse = read.find_version(place.workspace, "kettle", "3")
    over, statuses = threading.Event(), []
    with kettles.production(place) as (service, url):
        def customers():
            while not over.is_set():
                statuses.append(service.post("/models/kettle/predict", kettles.TOO_MUCH).status_code)
        clients = threading.Thread(target=customers)
        clients.start()
        try:
            until(lambda: len(statuses) > 100)
            options = ("--version", "3", "--override", "a wager", "--approve", "--production-url", url,
                       "--watch-seconds", "60", "--patience", "10")
            kill_one_after_the_other(place, processes, BACK, options)
            answer = place.deploy(*options)
            assert (answer.code, answer["outcome"], answer["resumed"]) == (1, "rolled_back", True), answer.complained
            assert "requests failed" in answer["sentence"] and kettles.serves(service) != worse.digest
        finally:
            over.set()
            clients.join()
    assert kettles.roles(place) == {"champion": "1", "challenger": "2"} and set(statuses) == {200, 422}
    assert ledger.verify_chain(place.workspace, "kettle").ok


def test_what_was_rolled_back_by_hand_after_a_kill_stays_so(place, processes):
    kill_one_after_the_other(place, processes, [("after", "headgate.rollout.promote:promote", 1, "2")],
                             ("--approve", "--patience", "10"))
    other = place.deploy("--version", "3", "--override", "a wager", "--approve", "--patience", "10")
    assert other.code == 2 and other["kind"] == "DeploymentOpen" and "--version 2" in other["error"]
    assert place.headgate("rollback", "kettle").code == 0
    answer = place.deploy("--version", "2", "--approval-timeout", "1", "--patience", "10")
    assert (answer.code, answer["outcome"]) == (1, "not_approved"), "the approval was for what was taken back"
    assert kettles.roles(place)["champion"] == "1"
    ended = [one.to_dict()["body"] for one in ledger.entries(place.workspace, "kettle")
             if one.event == "deployment ended"]
    assert [one["outcome"] for one in ended] == ["overtaken", "not_approved"]
