"""One holder of a model's lock at a time; who it is, is said."""

import os
import threading

import pytest

from headgate.errors import Busy, StorageError
from headgate.lock import REGISTRY, TRAINING, model_lock
from headgate.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace.from_environment({"HEADGATE_HOME": str(tmp_path / "home")}, tmp_path)


def in_thread(work):
    """Run `work` in another thread, to which the lock is as closed as to another process; return what it raised."""
    raised = []

    def run():
        try:
            work()
        except (Busy, StorageError) as error:
            raised.append(error)
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return raised[0] if raised else None


def take(workspace, model="kettle", **wishes):
    with model_lock(workspace, model, **wishes):
        pass


def test_a_second_holder_is_told_who_holds_it_and_since_when(workspace):
    with model_lock(workspace, "kettle"):
        error = in_thread(lambda: take(workspace))
    assert isinstance(error, Busy)
    assert f"process {os.getpid()} on" in str(error) and "since 20" in str(error) and "'kettle'" in str(error)
    assert in_thread(lambda: take(workspace)) is None, "it is free again"


def test_models_and_purposes_do_not_hinder_each_other(workspace):
    with model_lock(workspace, "kettle", purpose=TRAINING):
        assert in_thread(lambda: take(workspace, "teapot")) is None
        assert in_thread(lambda: take(workspace, purpose=REGISTRY)) is None


def test_the_holder_may_take_it_again_and_keeps_it_until_the_outer_end(workspace):
    with model_lock(workspace, "kettle"):
        take(workspace)
        assert isinstance(in_thread(lambda: take(workspace)), Busy)


def test_an_error_inside_frees_it(workspace):
    with pytest.raises(ZeroDivisionError), model_lock(workspace, "kettle"):
        1 / 0
    assert in_thread(lambda: take(workspace)) is None


def test_a_lock_that_cannot_be_written_is_a_storage_error(tmp_path):
    (tmp_path / "file").write_text("no folder")
    workspace = Workspace.from_environment({"HEADGATE_HOME": str(tmp_path / "file" / "home")}, tmp_path)
    with pytest.raises(StorageError, match="HEADGATE_HOME"):
        take(workspace)
