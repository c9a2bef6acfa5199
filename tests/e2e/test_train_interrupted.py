"""Killed, held up or out of disk: nothing half-made serves, and the next training works."""

import multiprocessing
import signal
from pathlib import Path

import pytest
import shop
from dying import train_on_full_disks, train_until_killed, train_when_told

from headgate import ledger
from headgate.bundle import verify
from headgate.registry import leftovers, read

PRELOADED = ["flows.train", "headgate.validation.expectations", "great_expectations", "mlflow.onnx", "skl2onnx",
             "onnxmltools", "ndonnx", "sklearn.linear_model", "matplotlib.backends.backend_agg", "alembic.command",
             "mlflow.store.tracking.sqlalchemy_store", "mlflow.store.model_registry.sqlalchemy_store", "mlflow.pyfunc",
             "prefect.flow_engine", "prefect.task_engine", "prefect.concurrency.services", "headgate.validation.checks",
             "flows.launch.train", "flows.launch.show", "pyarrow.dataset", "skl2onnx.algebra.onnx_operator_mixin"]
MOMENTS = [("after", "tasks.candidates:fit_candidate"),                     # a candidate that no one judged
           ("after", "headgate.registry.register:register")]                # a version without an alias


@pytest.fixture(scope="module")
def processes():
    """A fork server that has imported what a training needs; each child starts from it in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


@pytest.fixture
def place(open_shop, tmp_path):
    """A shop that never trained."""
    place = open_shop(tmp_path)
    shop.orders().to_csv(tmp_path / "shop.csv", index=False)
    shop.write_model(tmp_path)
    return place


def test_killed_at_one_step_after_the_other(place, processes):
    """Each run is killed a little later than the one before; whatever it left, only whole things are in use."""
    for moment, function in MOMENTS:
        child = processes.Process(target=train_until_killed, args=(place, moment, function))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL, f"{moment} {function}"
        assert read.champion(place.workspace, "shop") is None, "nothing half-made serves"
    answer = place.train()
    assert (answer.code, answer["outcome"]) == (0, "promoted"), answer.complained
    [champion] = read.list_versions(place.workspace, "shop")
    assert champion.aliases == ("champion",) and champion.digest == answer["bundle"]
    leftovers.prune(place.workspace, apply=True, older_than=0)
    assert read.list_versions(place.workspace, "shop", half_made=True) == (champion,)
    assert verify(champion.bundle) == champion.digest and ledger.verify_chain(place.workspace, "shop").ok
    assert place.train()["outcome"] == "unchanged"


def test_killed_behind_the_promotion_the_next_run_only_finishes(place, processes):
    child = processes.Process(target=train_until_killed, args=(place, "before", "flows.train:write_record"))
    child.start()
    child.join(120)
    champion = read.champion(place.workspace, "shop")
    answer = place.train()
    assert (answer["outcome"], answer["version"], answer["bundle"]) == ("promoted", "1", champion.digest)
    assert answer["accuracy"] and answer["gates"] and Path(answer["report"]).is_file()
    assert "fitted" not in answer.complained and len(read.list_versions(place.workspace, "shop")) == 1
    assert place.train()["outcome"] == "unchanged"


def test_two_trainings_of_one_model_at_once(place, processes):
    started, go_on, answers = processes.Event(), processes.Event(), processes.Queue()
    child = processes.Process(target=train_when_told, args=(place, started, go_on, answers))
    child.start()
    assert started.wait(120)
    second = place.train()
    assert second.code == 2 and second["kind"] == "Busy" and str(child.pid) in second.complained
    shop.write_model(place.root, shop.spec(name="another"))
    assert place.train(model="another")["outcome"] == "promoted", "another model need not wait"
    go_on.set()
    first = answers.get(timeout=120)
    child.join(60)
    assert (first.code, first["outcome"]) == (0, "promoted"), first.complained
    assert place.train()["outcome"] == "unchanged", "and the lock is free again"


def test_a_disk_that_fills_up_at_one_step_after_the_other(place, processes):
    limits = (10, 10_000, 30_000, 100_000)
    answers = processes.Queue()
    child = processes.Process(target=train_on_full_disks, args=(place, limits, answers))
    child.start()
    for limit in limits:
        answer = answers.get(timeout=120)
        assert answer.code == 2, (limit, answer.said)
        assert "Traceback" not in answer.complained and "unforeseen" not in answer.complained, answer.complained
    child.join(60)
    assert read.list_versions(place.workspace, "shop") == ()
    answer = place.train()
    assert (answer.code, answer["outcome"]) == (0, "promoted"), answer.complained
