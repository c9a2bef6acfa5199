"""A registry on SQLite per test, its tables created once per session, and bundles to put into it."""

import os
import shutil
import socket
import subprocess
import sys
import threading

import pytest
from bundles import write_bundle
from places import workspace_at

from headgate.registry import aliases
from headgate.registry.register import register


@pytest.fixture
def workspace(tmp_path, empty_registry):
    """A state directory with an empty registry."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(empty_registry, home / "mlflow.db")
    return workspace_at(home)


@pytest.fixture
def bundle(tmp_path):
    """Make sealed bundles: bundle(bias=0.1, decision="hold")."""
    made = []

    def make(**wishes):
        made.append(wishes)
        return write_bundle(tmp_path / f"bundle-{len(made)}", **wishes)
    return make


@pytest.fixture(scope="session")
def stock(tmp_path_factory, empty_registry):
    """Home of a registry of kettles: champion 1, challenger 2, and 3, which was held by its gates."""
    root = tmp_path_factory.mktemp("stock")
    (root / "home").mkdir()
    shutil.copy(empty_registry, root / "home" / "mlflow.db")
    place = workspace_at(root / "home")
    for number, decision in enumerate(("promote", "promote", "hold")):
        folder = write_bundle(root / f"bundle-{number}", bias=number / 10, decision=decision)
        aliases.accept(place, register(place, folder))
    return place.home


@pytest.fixture
def stocked(tmp_path, stock):
    """The Workspace of a copy of that registry, whose bundles are shared: not to be changed."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("mlflow.db", "headgate.db"):
        shutil.copy(stock / name, home / name)
    return workspace_at(home)


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
