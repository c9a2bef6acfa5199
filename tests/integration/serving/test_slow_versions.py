"""Versions that are too slow, or never come to an end: they are refused in time and hold up nobody else."""

import os
import subprocess
import sys

import bundles
import pytest
from misbehaving import took
from running import CHECKOUT, free_port, in_thread, until

from api import service as first
from api.keys import add_key
from api.models import load
from headgate.errors import GraphError
from headgate.graph.scorer import Scorer


def put_endless(shelf, *, version, above=-1e9, **wishes):
    """Let a version serve whose graph never ends for levels over `above`; that of one golden row is 3."""
    folder = bundles.make_endless(bundles.write_bundle(shelf.folder / f"endless-{version}"), above=above)
    shelf.give(folder, version=version, **wishes)


@pytest.mark.parametrize("above", [-1e9, 2.0])
def test_a_version_that_never_comes_to_an_end_is_refused_and_the_old_one_serves(shelf, workspace, row, above,
                                                                                monkeypatch):
    monkeypatch.setattr(load, "LEAST_SECONDS", 0.2)
    shelf.put(version="1")
    with in_thread(workspace, bundles=shelf.folder, slowest_ms=20) as service:
        put_endless(shelf, version="2", above=above)
        refused = until(lambda: service.get("/ready").json()["refused"], seconds=15)["kettle"]
        assert refused["version"] == "2" and "too slow" in refused["why"] and "HEADGATE_SLOWEST_MS" in refused["why"]
        assert service.post("/predict", row).json()["model_version"] == "1"
        shelf.put(version="3", bias=1)
        until(lambda: service.post("/predict", row).json()["model_version"] == "3", seconds=15)


def test_while_one_model_is_proved_another_serves_is_reloaded_and_the_service_ends(shelf, workspace, row, tmp_path,
                                                                                   monkeypatch):
    monkeypatch.setattr(load, "LEAST_SECONDS", 120)
    monkeypatch.setattr(first, "OTHERS_SECONDS", 0.1)
    shelf.default = "teapot"
    put_endless(shelf, version="1")
    shelf.put(model="teapot", version="1")
    admin = {"X-API-Key": add_key(tmp_path / "keys", "ada", admin=True)}

    def live():
        with in_thread(workspace, bundles=shelf.folder, keys_file=tmp_path / "keys") as service:
            assert service.get("/ready").json()["ready"] and service.get("/health").json()["status"] == "starting"
            assert service.post("/predict", row, headers=admin).json()["model"] == "teapot"
            shelf.put(model="teapot", version="2", bias=1)
            moved = service.post("/models/teapot/reload", headers=admin).json()
            assert (moved["before"], moved["version"], moved["refused"]) == ("1", "2", None)
            return service.get("/ready").json()["refused"]

    assert took(live)[0] == {} and took(live)[1] < 20


def test_what_is_new_is_taken_before_what_was_refused_is_tried_again(shelf, workspace, monkeypatch):
    monkeypatch.setattr(load, "LEAST_SECONDS", 0.2)
    put_endless(shelf, version="1")
    with in_thread(workspace, bundles=shelf.folder, slowest_ms=20) as service:
        keeper = service.service.keeper
        keeper.stop()
        until(lambda: not keeper._thread.is_alive())
        monkeypatch.setattr("api.models.keeper.RETRY_SECONDS", 0)
        tried = []
        monkeypatch.setattr("api.models.keeper.load", lambda wanted, *more: tried.append(wanted.model) or 1 / 0)
        shelf.put(model="urn", version="1")
        keeper.refresh()
    assert tried == ["urn", "kettle"]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_service_that_still_starts_ends_when_it_is_told_to(shelf, workspace, workers, tmp_path):
    put_endless(shelf, version="1")
    words = ["--port", free_port(), "--workers", workers, "--bundles", shelf.folder, "--slowest-ms", 60_000]
    with open(tmp_path / "service.log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "api", *map(str, words)], cwd=CHECKOUT, stderr=log,
                                   env={**os.environ, "HEADGATE_HOME": str(workspace.home)})
    try:
        until(lambda: (tmp_path / "service.log").read_text().count("Waiting for application startup") == workers)
        process.terminate()
        assert process.wait(45) == 0        # its first look would take a minute
    finally:
        process.kill()
        process.wait()


def test_a_graph_is_stopped_in_time_or_when_told_and_runs_freely_afterwards():
    columns = {"water level": [3.0], "maker": ["a"]}
    scorer = Scorer(bundles.endless_graph(4.0).SerializeToString())
    endless = Scorer(bundles.endless_graph(2.0).SerializeToString())
    with scorer.within(30):
        alone = scorer.probabilities(columns)
    with pytest.raises(GraphError, match="too slow"), endless.within(0.2):
        endless.probabilities(columns)
    assert (scorer.probabilities(columns) == alone).all()
