"""The same story against a real MLflow server, which keeps the artifacts itself."""

import os
import socket
import subprocess
import sys
import threading
from dataclasses import replace

import pytest
from places import workspace_at

from headgate.bundle import verify
from headgate.registry import aliases, leftovers, mlflow_store, read
from headgate.registry.register import log_rejected, register


@pytest.fixture
def server(tmp_path, empty_registry):
    """URL of an MLflow server on a free port of this host."""
    (tmp_path / "server.db").write_bytes(empty_registry.read_bytes())
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", f"sqlite:///{tmp_path}/server.db",
               "--artifacts-destination", str(tmp_path / "kept"), "--port", str(port), "--workers", "1"]
    quiet = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
             "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}
    with subprocess.Popen(command, env={**os.environ, **quiet}, cwd=tmp_path, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True) as process:
        started = any("Uvicorn running on" in line for line in process.stderr)
        assert started, "the server ended before it had started"
        drain = threading.Thread(target=process.stderr.read)
        drain.start()
        yield f"http://127.0.0.1:{port}"
        process.terminate()
        drain.join()


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
