"""The same story against a real MLflow server, which keeps the artifacts itself."""

from dataclasses import replace

from places import workspace_at

from headgate.bundle import verify
from headgate.registry import aliases, leftovers, mlflow_store, read
from headgate.registry.register import log_rejected, register


def test_the_whole_story_on_a_server(server, tmp_path, bundle):
    workspace = replace(workspace_at(tmp_path / "home"), tracking_uri=server)
    for wishes in ({}, {"bias": 0.1}):
        aliases.accept(workspace, register(workspace, bundle(**wishes)))
    assert [one.aliases for one in read.list_versions(workspace, "kettle")] == [("champion",), ("challenger",)]
    champion = read.champion(workspace, "kettle")
    assert champion.bundle is None, "it is on the server, not here"
    folder = read.bundle_folder(workspace, champion)
    assert verify(folder) == champion.digest and folder.is_relative_to(workspace.home)
    assert aliases.promote(workspace, "kettle", "challenger").before == "1"
    assert aliases.rollback(workspace, "kettle").champion.version == "1"
    log_rejected(workspace, bundle(bias=0.2, decision="reject"), model="kettle")
    assert register(workspace, bundle(bias=0.1)).existed
    with mlflow_store.connect(workspace) as client:
        mlflow_store.start_run(client, workspace, "kettle", "orphan", {})
    assert [one.kind for one in leftovers.prune(workspace, apply=True)[0]] == ["run"]
    assert not workspace.artifacts.exists(), "the server keeps the artifacts"
