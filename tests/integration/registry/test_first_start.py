"""Two processes at once on a machine where nothing is yet: neither fails, both versions are there."""

import multiprocessing

from bundles import write_bundle
from places import workspace_at
from killing import register_and_accept

from headgate import ledger
from headgate.registry import read


def test_two_first_starts_at_once(tmp_path):
    workspace = workspace_at(tmp_path / "home")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["killing", "mlflow", "mlflow.onnx", "pandas"])
    folders = [write_bundle(tmp_path / str(number), bias=number / 10) for number in range(2)]
    children = [context.Process(target=register_and_accept, args=(workspace, folder)) for folder in folders]
    for child in children:
        child.start()
    for child in children:
        child.join(120)
    assert [child.exitcode for child in children] == [0, 0]
    assert [version.aliases for version in read.list_versions(workspace, "kettle")] == [("champion",), ("challenger",)]
    assert ledger.verify_chain(workspace, "kettle").ok and len(ledger.entries(workspace, "kettle")) == 4
    assert list(workspace.home.glob("*.new")) == []
