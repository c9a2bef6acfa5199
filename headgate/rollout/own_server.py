"""A staging server of the deployment's own: the exported bundle, a free port, a database of its own."""

import os
import shutil
import socket
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from headgate.bundle import verify
from headgate.bundle.roles import CHAMPION, Place, set_role
from headgate.errors import NotServing, StorageError
from headgate.rollout.service import Service

CHECKOUT = Path(__file__).resolve().parents[2]
OWN = ("HEADGATE_", "MLFLOW_", "PROMETHEUS_MULTIPROC_DIR")
STOP_SECONDS = 20
END_OF_LOG = 600


class OwnServer:
    """A service that was started. `check` raises NotServing when its process has ended."""

    def __init__(self, process, service, log):
        self._process, self.service, self._log = process, service, log

    def check(self):
        if self._process.poll() is not None:
            text = self._log.read_text(encoding="utf-8", errors="replace").strip()[-END_OF_LOG:]
            raise NotServing("The staging server ended before it served.", value=f"exit code {self._process.poll()}: "
                             f"{text}", remedy=f"Its whole log: {self._log}")


@contextmanager
def own_server(workspace, chosen):
    """Yield the OwnServer of a Chosen, which may not yet answer; it ends with the block, or with this process.

    Raises StorageError when the bundle cannot be copied, BundleBroken when its copy is another.
    """
    place = workspace.staging / f"{chosen.model}-deploy-{uuid4().hex}"
    try:
        with served_shelf(workspace, _export(chosen, place), f"{chosen.model}-{chosen.digest[:12]}") as own:
            yield own
    finally:
        shutil.rmtree(place, ignore_errors=True)


@contextmanager
def served_shelf(workspace, shelf, name):
    """Yield the OwnServer of a folder of bundles, which may not yet answer; it ends with the block, or this process.

    name : what its log is called after.
    """
    home, log = workspace.staging / f"serving-{uuid4().hex}" / "home", workspace.home / "logs" / f"staging-{name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    process, port = _start(shelf, home, log)
    try:
        yield OwnServer(process, Service(f"http://127.0.0.1:{port}"), log)
    finally:
        _stop(process)
        shutil.rmtree(home.parent, ignore_errors=True)


def _export(chosen, place):
    """Copy the bundle into a folder to serve, as `python -m headgate export --role champion` does."""
    shelf = place / "bundles"
    try:
        shelf.mkdir(parents=True)
        shutil.copytree(chosen.folder, shelf / chosen.model)
    except OSError as error:
        raise StorageError(f"The bundle cannot be copied to {shelf}: {error}.",
                           remedy="Free some disk space, or set HEADGATE_HOME.") from error
    verify(shelf / chosen.model, digest=chosen.digest)
    set_role(shelf, chosen.model, CHAMPION, Place(bundle=chosen.model, digest=chosen.digest, version=chosen.version))
    return shelf


def _start(shelf, home, log):
    port = _free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(OWN)}
    environment |= {"HEADGATE_HOME": str(home), "HEADGATE_ROOT": str(home.parent)}
    command = [sys.executable, "-m", "headgate.rollout.minder", sys.executable, "-m", "api", "--bundles", str(shelf),
               "--host", "127.0.0.1", "--port", str(port)]
    with open(log, "wb") as stream:
        return subprocess.Popen(command, cwd=CHECKOUT, env=environment, stdin=subprocess.PIPE, stdout=stream,
                                stderr=stream), port


def _stop(process):
    process.stdin.close()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
