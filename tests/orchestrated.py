"""A Prefect server with every flow deployed and a worker, started as a team starts them."""

import contextlib
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
from processes import started_by
from running import CHECKOUT, free_port

FINAL = ("COMPLETED", "FAILED", "CRASHED", "CANCELLED")
PAUSES = (0.5, 1, 2, 4, 8)


@dataclass(frozen=True)
class Server:
    """environment : of the server, its worker and its commands. http : a client of its API."""

    root: Path
    environment: dict
    http: httpx.Client

    def prefect(self, *words):
        """Run `prefect ...` to its end; return what it says."""
        answer = subprocess.run([sys.executable, "-m", "prefect", *words], cwd=CHECKOUT, env=self.environment,
                                text=True, capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
        assert answer.returncode == 0, answer.stdout + answer.stderr
        return answer.stdout

    @contextlib.contextmanager
    def working(self):
        """Run a worker, which makes the work pool, and deploy every flow of prefect.yaml; yield its process."""
        with running("worker", "start", "--pool", "headgate", "--type", "process", environment=self.environment,
                     log=self.root / "worker.log") as worker:
            wait_until(lambda: self.ask("work_pools/filter"), process=worker, what="there is no work pool")
            self.prefect("--no-prompt", "deploy", "--all")
            yield worker

    def deployments(self):
        """Return {flow/name: deployment}."""
        flows = {one["id"]: one["name"] for one in self.ask("flows/filter")}
        return {f"{flows[one['flow_id']]}/{one['name']}": one for one in self.ask("deployments/filter")}

    def start(self, name, **parameters):
        """Ask for a run of a deployment, as the button in the UI does; return its id."""
        identity = self.deployments()[name]["id"]
        return self.ask(f"deployments/{identity}/create_flow_run", parameters=parameters,
                        state={"type": "SCHEDULED"})["id"]

    def ended(self, identity):
        """Return a flow run once it is over, else None."""
        run = self.run(identity)
        return run if run["state_type"] in FINAL else None

    def run(self, identity):
        """Return a flow run."""
        return self._answer("GET", f"flow_runs/{identity}")

    def runs(self, flow, **criteria):
        """Return the flow runs of a flow, the newest first."""
        return self.ask("flow_runs/filter", sort="START_TIME_DESC", flows={"name": {"any_": [flow]}}, **criteria)

    def ask(self, path, **body):
        """Return the answer to a POST."""
        return self._answer("POST", path, json=body)

    def _answer(self, method, path, **more):
        return self.http.request(method, f"/{path}", **more).raise_for_status().json()


class Patient(httpx.HTTPTransport):
    """Asks again while the answer is 503, as Prefect's own client does: the server's SQLite is locked then."""

    def handle_request(self, request):
        for pause in PAUSES:
            answer = super().handle_request(request)
            if answer.status_code != 503:
                return answer
            answer.close()
            time.sleep(pause)
        return super().handle_request(request)


def client_of(url):
    """Return an HTTP client of the Prefect API at `url`."""
    return httpx.Client(base_url=url, timeout=30, trust_env=False, transport=Patient())


@contextlib.contextmanager
def serving(root, prefect_tables, **settings):
    """Yield a Server with its database in `root`; it is ended with the block. settings : of its environment."""
    port = free_port()
    environment = {**os.environ, "PREFECT_HOME": str(root / "prefect"), "HEADGATE_ROOT": str(root),
                   "HEADGATE_HOME": str(root / "state"), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
                   "PREFECT_WORKER_QUERY_SECONDS": "0.5", "HEADGATE_PREFECT_SCHEDULES": "false",
                   "PREFECT_UI_ENABLED": "false", **settings}
    words = ("server", "start", "--host", "127.0.0.1", "--port", str(port))
    with contextlib.ExitStack() as started, client_of(environment["PREFECT_API_URL"]) as http:
        def start():
            process = started.enter_context(running(*words, environment=environment, log=root / "server.log"))
            wait_until(lambda: answers(http), process=process, what="the server did not start")
        prefect_tables(root / "prefect", start)
        yield Server(root, environment, http)


@contextlib.contextmanager
def running(*words, environment, log):
    """Run `prefect ...` until the block ends; then nothing that it started is left."""
    with open(log, "wb") as stream:
        process = subprocess.Popen([sys.executable, "-m", "prefect", *words], cwd=CHECKOUT, env=environment,
                                   stdout=stream, stderr=stream)
    try:
        yield process
    finally:
        family = started_by(process.pid)
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        for one in psutil.wait_procs(family, timeout=5)[1]:
            one.kill()
        if process.poll() is None:
            process.kill()
            process.wait()


def answers(http):
    """True if the server is healthy."""
    try:
        return http.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def wait_until(true, *, process, seconds=120, what="it did not happen"):
    """Return what `true()` returns once that is true; fail after so many seconds, or when `process` ends."""
    limit = time.monotonic() + seconds
    while True:
        answer = true()
        if answer:
            return answer
        assert process.poll() is None and time.monotonic() < limit, what
        time.sleep(0.25)     # the server works for every look
