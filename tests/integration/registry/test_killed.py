"""kill -9 at every step of registering and promoting: nothing half-made serves, and the next run works."""

import multiprocessing
import signal

import pytest
from killing import promote, register_and_accept, rollback, work_until_killed

from headgate import ledger
from headgate.bundle import verify
from headgate.errors import NoPrevious
from headgate.ledger.bearers import bearers_of
from headgate.registry import aliases, leftovers, mlflow_store, read
from headgate.registry.register import register

STORE = "headgate.registry.mlflow_store"
REGISTERING = [(f"{STORE}:start_run", 1, "after"), (f"{STORE}:log_model", 1, "after"),
               (f"{STORE}:tag_version", 1, "before"), (f"{STORE}:set_alias", 1, "after")]
MOVING = [(f"{STORE}:set_alias", 1, "after"), (f"{STORE}:set_alias", 2, "after")]
PROMOTING = [*MOVING, (f"{STORE}:set_alias", 3, "after")]


@pytest.fixture(scope="module")
def processes():
    """A fork server that has imported MLflow once; each child starts from it in milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killing", "mlflow", "mlflow.onnx", "pandas"])
    return context


def killed(processes, work, arguments, moment):
    child = processes.Process(target=work_until_killed, args=(work, arguments, *moment))
    child.start()
    child.join(120)
    assert child.exitcode == -signal.SIGKILL


def roles(workspace):
    return {alias: version.version for version in read.list_versions(workspace, "kettle") for alias in version.aliases}


def agreed(workspace):
    """True when the ledger tells of the aliases as they are, so that the state can be carried to another machine."""
    kept = [one for one in read.list_versions(workspace, "kettle") if one.aliases]
    return bearers_of(ledger.entries(workspace, "kettle")) == {
        "challenger": "", "previous": "", **{alias: one.version for one in kept for alias in one.aliases}}


@pytest.mark.parametrize("moment", REGISTERING, ids=lambda moment: f"{moment[2]}-{moment[0].split(':')[1]}")
def test_registering_killed(workspace, bundle, processes, moment):
    folder = bundle()
    killed(processes, register_and_accept, (workspace, folder), moment)
    for version in read.list_versions(workspace, "kettle"):
        assert verify(version.bundle) == version.digest
    named = [one for one in read.list_versions(workspace, "kettle", half_made=True) if one.aliases]
    assert all(one.complete for one in named)
    register_and_accept(workspace, folder)
    serving = read.champion(workspace, "kettle")
    assert serving.digest == verify(folder) and serving.complete
    assert len(read.list_versions(workspace, "kettle")) == 1
    leftovers.prune(workspace, apply=True)
    assert read.list_versions(workspace, "kettle", half_made=True) == (serving,)
    assert leftovers.prune(workspace) == ((), ())
    assert verify(serving.bundle) == serving.digest and ledger.verify_chain(workspace, "kettle").ok
    with mlflow_store.connect(workspace) as client:
        assert mlflow_store.running_runs(client, "kettle") == ()


@pytest.mark.parametrize("moment", PROMOTING,
                         ids=lambda moment: f"{moment[2]}-{moment[0].split(':')[1]}-{moment[1]}")
def test_promoting_killed(workspace, bundle, processes, moment):
    for bias in (0.0, 0.1):
        aliases.accept(workspace, register(workspace, bundle(bias=bias)))
    killed(processes, promote, (workspace, "2"), moment)
    assert roles(workspace)["champion"] in ("1", "2"), "one champion always"
    aliases.promote(workspace, "kettle", "2")
    assert roles(workspace) == {"champion": "2", "previous": "1"}
    promoted = [entry for entry in ledger.entries(workspace, "kettle") if entry.event == "promoted"]
    assert [entry.version for entry in promoted] == ["1", "2"], "told once, whenever it was finished"
    assert ledger.verify_chain(workspace, "kettle").ok and agreed(workspace)


@pytest.mark.parametrize("moment", MOVING,
                         ids=lambda moment: f"{moment[2]}-{moment[0].split(':')[1]}-{moment[1]}")
def test_rolling_back_killed(workspace, bundle, processes, moment):
    for bias in (0.0, 0.1):
        aliases.accept(workspace, register(workspace, bundle(bias=bias)))
    aliases.promote(workspace, "kettle", "2")
    killed(processes, rollback, (workspace,), moment)
    assert roles(workspace)["champion"] in ("1", "2"), "one champion always"
    done = aliases.rollback(workspace, "kettle")
    assert (done.champion.version, done.before, roles(workspace)) == ("1", "2", {"champion": "1"}) and agreed(workspace)
    assert ledger.entries(workspace, "kettle")[-1].to_dict()["body"]["before"] == "2"
    with pytest.raises(NoPrevious):
        aliases.rollback(workspace, "kettle")
