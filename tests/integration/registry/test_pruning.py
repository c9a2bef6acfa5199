"""Prune lists by default, removes when told to, and never touches what is in use or belongs to others."""

import os
import threading
import time
from contextlib import contextmanager

import pytest

from headgate import ledger
from headgate.bundle import read_lineage
from headgate.lock import model_lock
from headgate.registry import aliases, leftovers, mlflow_store, read
from headgate.registry.register import register


@pytest.fixture
def half_made(workspace, bundle, monkeypatch):
    """A registry with a champion and, behind it, a version whose last tag was never written."""
    aliases.accept(workspace, register(workspace, bundle()))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(mlflow_store, "tag_version", interrupt)
        register(workspace, bundle(bias=0.1))
    return workspace


def interrupt(*_):
    raise KeyboardInterrupt


def test_it_lists_first_and_removes_only_when_told(half_made):
    found, busy = leftovers.prune(half_made)
    assert [(one.kind, one.model, one.name) for one in found] == [("version", "kettle", "2")] and busy == ()
    assert len(read.list_versions(half_made, "kettle", half_made=True)) == 2
    assert leftovers.prune(half_made, apply=True)[0] == found
    assert [one.version for one in read.list_versions(half_made, "kettle", half_made=True)] == ["1"]
    assert ledger.entries(half_made, "kettle")[-1].event == "pruned"
    assert leftovers.prune(half_made) == ((), ())


@contextmanager
def in_training(workspace, model):
    """Another thread holds the model's lock, as a training does, until the block ends."""
    holds, done = threading.Event(), threading.Event()

    def train():
        with model_lock(workspace, model):
            holds.set()
            done.wait(30)
    thread = threading.Thread(target=train)
    thread.start()
    assert holds.wait(30)
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_a_model_in_training_is_left_alone(half_made):
    for place in (half_made.snapshots, half_made.home / "candidates", half_made.reports / "kettle"):
        (place / "in use").mkdir(parents=True)
    with in_training(half_made, "kettle"):
        assert leftovers.prune(half_made, apply=True, keep=0) == ((), ("kettle",))


def test_a_first_training_that_has_no_version_yet_is_left_alone_too(workspace):
    (workspace.snapshots / "in use").mkdir(parents=True)
    with in_training(workspace, "teapot"):
        assert leftovers.prune(workspace, apply=True, keep=0) == ((), ("teapot",))
    assert [one.kind for one in leftovers.prune(workspace, apply=True, keep=0)[0]] == ["snapshot"]


def test_versions_that_others_registered_are_not_ours_to_remove(workspace):
    with mlflow_store.connect(workspace) as client:
        client.create_registered_model("kettle")
        client.create_model_version("kettle", "s3://elsewhere/model")
    assert leftovers.prune(workspace, apply=True) == ((), ())
    assert read.list_versions(workspace, "kettle") == ()
    assert len(mlflow_store.read_versions(workspace, "kettle")) == 1


def test_reports_are_counted_for_each_model(workspace):
    for model in ("kettle", "teapot"):
        for age, name in enumerate(("new", "old")):
            (workspace.reports / model / name).mkdir(parents=True)
            os.utime(workspace.reports / model / name, (time.time() - age * 100,) * 2)
    found, _ = leftovers.prune(workspace, keep=1, apply=True)
    assert {one.kind for one in found} == {"report"} and len(found) == 2
    assert sorted(path.relative_to(workspace.reports).as_posix() for path in workspace.reports.glob("*/*")) == [
        "kettle/new", "teapot/new"]


def test_old_snapshots_and_staging_go_but_what_an_alias_needs_stays(workspace, bundle):
    aliases.accept(workspace, register(workspace, bundle()))
    needed = read_lineage(read.champion(workspace, "kettle").bundle)["data_digest"]
    workspace.snapshots.mkdir()
    for age, name in enumerate(("new", "older", "oldest", needed)):
        path = workspace.snapshots / f"{name}.parquet"
        path.write_text("rows")
        os.utime(path, (time.time() - age * 100,) * 2)
    (workspace.staging / "fresh").mkdir(parents=True)
    (workspace.staging / "stale").mkdir()
    os.utime(workspace.staging / "stale", (time.time() - 100_000,) * 2)
    found, _ = leftovers.prune(workspace, keep=1, apply=True)
    assert {(one.kind, os.path.basename(one.name)) for one in found} == {
        ("snapshot", "older.parquet"), ("snapshot", "oldest.parquet"), ("staging", "stale")}
    assert {path.name for path in workspace.snapshots.iterdir()} == {"new.parquet", f"{needed}.parquet"}
    assert [path.name for path in workspace.staging.iterdir()] == ["fresh"]


def test_what_a_killed_scoring_left_goes_and_its_files_stay(workspace):
    for folder in (workspace.home / "predictions", workspace.quarantine / "kettle"):
        folder.mkdir(parents=True)
        for name, age in ((".old.csv.1f.part", 100_000), (".new.csv.1f.part", 0), ("old.csv", 100_000)):
            (folder / name).write_text("rows")
            os.utime(folder / name, (time.time() - age,) * 2)
    assert [one.kind for one in leftovers.prune(workspace, apply=True)[0]] == ["staging"] * 2
    for folder in (workspace.home / "predictions", workspace.quarantine / "kettle"):
        assert sorted(path.name for path in folder.iterdir()) == [".new.csv.1f.part", "old.csv"]
