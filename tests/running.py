"""Run the service as it is run: over real HTTP on loopback, in a thread of the test or as a process of its own."""

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import uvicorn

from api.app import create_app
from api.launch.protocol import Protocol
from api.settings import Settings
from headgate.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[1]
AS_SERVED = {"access_log": False, "log_config": None, "server_header": False, "date_header": False,
             "proxy_headers": False, "http": Protocol}
QUICK = {"poll_seconds": 0.1, "log_seconds": 0.05, "log_process": False}    # a process takes half a second to start


class Prompt(uvicorn.Server):
    """Sees at once that it is to end, where uvicorn looks ten times a second."""

    async def main_loop(self):
        await self.on_tick(0)
        while not self.should_exit:
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Running:
    """A service that runs. http : a client of it. service : its parts, where it runs in a thread of the test."""

    http: httpx.Client
    port: int
    workspace: Workspace
    service: object = None
    process: subprocess.Popen = None

    def get(self, path, **more):
        return self.http.get(path, **more)

    def post(self, path, document=None, **more):
        return self.http.post(path, **({"json": document} if document is not None else {}), **more)

    def metric(self, name, **labels):
        """Return the value of a Prometheus metric (0 if it was never counted), summed over the labels not named."""
        wanted = [f'{key}="{value}"' for key, value in labels.items()]
        lines = [line for line in self.get("/metrics").text.splitlines() if line.split("{")[0].split(" ")[0] == name]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines if all(one in line for one in wanted))


def until(true, *, seconds=30, what="it did not happen"):
    """Return what `true()` returns once that is true; fail after so many seconds."""
    limit = time.monotonic() + seconds
    while True:
        answer = true()
        if answer:
            return answer
        assert time.monotonic() < limit, what
        time.sleep(0.01)


def workspace_at(home, database=None):
    """Return the Workspace with its state in `home`; its database is SQLite, or the one of that URL."""
    more = {"HEADGATE_DATABASE_URL": database} if database else {}
    return Workspace.from_environment({"HEADGATE_HOME": str(home), **more}, home)


@contextlib.contextmanager
def in_thread(workspace, **settings):
    """Yield the Running service, on a port of its own."""
    app = create_app(Settings(**{**QUICK, **settings}), workspace)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
        server = Prompt(uvicorn.Config(app, lifespan="on", timeout_graceful_shutdown=5, **AS_SERVED))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started or not thread.is_alive())
            with client(port) as http:
                yield Running(http, port, workspace, app.state.service)
        finally:
            server.should_exit = True
            thread.join(30)


@contextlib.contextmanager
def as_process(workspace, *options, wait=True):
    """Yield the Running service of `python -m api ...`; at the end it is told to stop, if it still runs."""
    port = free_port()
    environment = {**os.environ, "HEADGATE_HOME": str(workspace.home), "HEADGATE_DATABASE_URL": workspace.database_url}
    words = ["--port", str(port), "--poll-seconds", "0.1", *map(str, options)]
    with open(workspace.home.parent / f"service-{port}.log", "wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "api", *words], cwd=CHECKOUT, env=environment,
                                   stdout=log, stderr=log)
    try:
        with client(port) as http:
            until(lambda: alive(http) or process.poll() is not None)
            yield Running(http, port, workspace, None, process)
    finally:
        end(process)


def client(port, **more):
    """Return an HTTP client of the service on `port`; one that trusts no proxy settings."""
    return httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30, trust_env=False, **more)


def alive(http):
    """True if the service answers at all."""
    try:
        return http.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def end(process, seconds=30):
    """Tell a service to stop, and wait until it has."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def raw(port, data, *, close=False, seconds=20):
    """Send bytes and return everything that comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as line:
        line.sendall(data)
        if close:
            line.shutdown(socket.SHUT_WR)
        parts = []
        with contextlib.suppress(ConnectionResetError):
            while part := line.recv(65536):
                parts.append(part)
        return b"".join(parts)
