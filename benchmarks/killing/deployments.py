"""Ways to run a deployment that somebody may kill: as a command, or by a worker of a Prefect server."""

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress

import httpx

from benchmarks.killing.home import MODEL, environment_of
from benchmarks.measure import ROOT, tree
from benchmarks.serving.processes import free_port

SECONDS, LOOK = 180, 0.02
OPTIONS = {"model": MODEL, "version": "2", "approve": True, "watch_seconds": 2, "patience": 30,
           "override": "who survives a kill"}
FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")


class Command:
    """`python -m flows.deploy` as a person runs it."""

    def __init__(self, place, home, url):
        words = [f"--{name.replace('_', '-')}" + ("" if value is True else f"={value}")
                 for name, value in OPTIONS.items()]
        with open(home / "flow.log", "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flows.deploy", "--production-url", url, "--json", *words], cwd=ROOT,
                env=environment_of(place, home), stdout=subprocess.PIPE, stderr=log, text=True)

    def kill(self):
        """End it as by `kill -9`; what it started has to end by itself."""
        self.process.kill()

    def outcome(self):
        """Wait for its end; return the outcome, the kind of error, or "killed"."""
        said, _ = self.process.communicate(timeout=SECONDS)
        if self.process.returncode == -signal.SIGKILL:
            return "killed"
        document = json.loads(said.splitlines()[-1])
        return document.get("outcome") or document["kind"]


class Run:
    """A flow run that a worker takes. server : a Server."""

    def __init__(self, server, home, url):
        self.server, self.home = server, home
        self.identity = server.post(f"/deployments/{server.deployment}/create_flow_run", {
            "parameters": {**OPTIONS, "production_url": url}, "state": {"type": "SCHEDULED"}})["id"]

    def kill(self):
        """End the worker and all that runs under it, as if its machine had lost power."""
        self.server.kill_worker()

    def outcome(self):
        """Wait for its end; return the outcome, or "killed" for a run that nobody works on any more."""
        summary = self.home / "runs" / "by-id" / f"{self.identity}.json"
        limit = time.monotonic() + SECONDS
        while time.monotonic() < limit and self.server.worker_runs():
            if self._state() in FINAL:
                return json.loads(summary.read_text())["outcome"] if summary.exists() else "error"
            time.sleep(LOOK)
        return "killed"

    def _state(self):
        return self.server.client.get(f"/flow_runs/{self.identity}").json()["state_type"]


class Server:
    """A Prefect server with the flow deployed, and one worker, which may be killed and started again."""

    def __init__(self, place, home):
        self.home, port = home, free_port()
        self.environment = environment_of(
            place, home, PREFECT_HOME=str(home / "prefect"), PREFECT_SERVER_ANALYTICS_ENABLED="false",
            DO_NOT_TRACK="true", PREFECT_API_URL=f"http://127.0.0.1:{port}/api", PREFECT_WORKER_QUERY_SECONDS="1",
            PREFECT_UI_ENABLED="false")
        self.client = httpx.Client(base_url=self.environment["PREFECT_API_URL"], timeout=30, trust_env=False)
        self._server = self._start("server", "start", "--host", "127.0.0.1", "--port", str(port))
        self._wait(lambda: self.client.get("/health").status_code == 200)
        self._run("work-pool", "create", "kills", "--type", "process")
        self._run("--no-prompt", "deploy", "flows/deploy.py:deploy_version", "--name", "kills", "--pool", "kills")
        self.deployment = self.client.get("/deployments/name/deploy/kills").json()["id"]
        self.start_worker()

    def start_worker(self):
        self._worker = self._start("worker", "start", "--pool", "kills")

    def post(self, path, document):
        """Return what the server answers; one whose SQLite is busy says 503, and is asked again."""
        limit = time.monotonic() + SECONDS
        while True:
            answer = self.client.post(path, json=document)
            if answer.status_code != 503 or time.monotonic() > limit:
                answer.raise_for_status()
                return answer.json()
            time.sleep(1)

    def processes(self):
        return {*tree(self._server.pid), *tree(self._worker.pid)}

    def worker_runs(self):
        return self._worker.poll() is None

    def kill_worker(self):
        for one in reversed(tree(self._worker.pid)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        self._worker.wait()

    def stop(self):
        self.kill_worker()
        for one in reversed(tree(self._server.pid)):
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGTERM)
        self._server.wait(30)
        self.client.close()

    def _start(self, *words):
        with open(self.home / f"{words[0]}.log", "ab") as log:
            return subprocess.Popen([sys.executable, "-m", "prefect", *words], cwd=ROOT, env=self.environment,
                                    stdout=log, stderr=log)

    def _run(self, *words):
        done = subprocess.run([sys.executable, "-m", "prefect", *words], cwd=ROOT, env=self.environment,
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise SystemExit(f"prefect {' '.join(words)} failed:\n{done.stdout}{done.stderr}")

    def _wait(self, true):
        limit = time.monotonic() + SECONDS
        while time.monotonic() < limit:
            with suppress(httpx.TransportError):
                if true():
                    return
            time.sleep(0.1)
        raise SystemExit("the Prefect server does not answer")


@contextmanager
def running_server(place, home):
    """Yield a Server; nothing of it is left afterwards."""
    server = Server(place, home)
    try:
        yield server
    finally:
        server.stop()
