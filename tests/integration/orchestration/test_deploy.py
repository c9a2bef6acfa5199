"""Every flow is deployed to a real Prefect server as the README says, and a worker runs one to its end."""

import contextlib
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import psutil
import pytest
import yaml

from headgate.registry import read
from headgate.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[3]
SPEC = {"name": "tides", "data": {"source": {"csv": "../../tides.csv"}, "key": ["day"], "holdout": {"share": 0.3}},
        "columns": [{"name": "moon", "kind": "number"}, {"name": "wind", "kind": "number"}],
        "target": {"column": "high", "classes": ["no", "yes"]}, "algorithms": ["logistic_regression"]}


@contextlib.contextmanager
def running(*words, environment, log):
    """Run `python -m prefect ...` until the block ends; then nothing that it started is left."""
    with open(log, "wb") as stream:
        process = subprocess.Popen([sys.executable, "-m", "prefect", *words], cwd=CHECKOUT, env=environment,
                                   stdout=stream, stderr=stream)
    try:
        yield process
    finally:
        family = [*psutil.Process(process.pid).children(recursive=True)] if process.poll() is None else []
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(20)
        for one in psutil.wait_procs(family, timeout=5)[1]:
            one.kill()
        if process.poll() is None:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Settings of a server, its worker and its commands, in a home of their own."""
    root = tmp_path_factory.mktemp("orchestration")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return {**os.environ, "PREFECT_HOME": str(root / "prefect"), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "HEADGATE_ROOT": str(root), "HEADGATE_HOME": str(root / "state"), "PREFECT_WORKER_QUERY_SECONDS": "1"}


@pytest.fixture(scope="module")
def server(environment, prefect_tables):
    """A Prefect server, as `prefect server start` starts it; a client of its API."""
    url, home = environment["PREFECT_API_URL"], Path(environment["HEADGATE_ROOT"])
    port = url.split(":")[2].split("/")[0]
    quiet = {**environment, "PREFECT_UI_ENABLED": "false"}
    words = ("server", "start", "--host", "127.0.0.1", "--port", port)
    with contextlib.ExitStack() as started, httpx.Client(base_url=url, timeout=30) as client:
        def start():
            process = started.enter_context(running(*words, environment=quiet, log=home / "server.log"))
            until(lambda: answers(client), process=process)
        prefect_tables(home / "prefect", start)
        yield client


def answers(client):
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def until(true, *, process=None, seconds=120):
    """Wait until `true()` is; fail after so many seconds, or when `process` ends."""
    limit = time.monotonic() + seconds
    while True:
        answer = true()
        if answer:
            return answer
        assert time.monotonic() < limit and (process is None or process.poll() is None)
        time.sleep(0.1)


def prefect(*words, environment):
    answer = subprocess.run([sys.executable, "-m", "prefect", *words], cwd=CHECKOUT, env=environment, text=True,
                            capture_output=True, timeout=120, stdin=subprocess.DEVNULL)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def deployments(client):
    """Return {flow/name: deployment}."""
    flows = {one["id"]: one["name"] for one in client.post("/flows/filter", json={}).json()}
    return {f"{flows[one['flow_id']]}/{one['name']}": one for one in client.post("/deployments/filter", json={}).json()}


def write_tides(root):
    draw = np.random.default_rng(0)
    moon, wind = draw.normal(size=500).round(3), draw.normal(size=500).round(3)
    pd.DataFrame({"day": range(500), "moon": moon, "wind": wind, "high": np.where(moon + wind / 4 > 0, "yes", "no")}
                 ).to_csv(root / "tides.csv", index=False)
    (root / "models" / "tides").mkdir(parents=True)
    (root / "models" / "tides" / "model.yaml").write_text(yaml.safe_dump(SPEC), encoding="utf-8")


def test_every_flow_is_deployed_and_a_worker_trains(environment, server):
    prefect("work-pool", "create", "headgate", "--type", "process", environment=environment)
    prefect("--no-prompt", "deploy", "--all", environment=environment)
    first = deployments(server)
    assert set(first) == {"validate/validate", "train/train", "predict/predict"}
    for name, one in first.items():
        parameters, known = one["parameters"], one["parameter_openapi_schema"]["properties"]
        assert one["work_pool_name"] == "headgate" and parameters["model"] == "flights"
        assert set(parameters) == ({"model"} if name != "predict/predict" else set(known))
        assert name != "predict/predict" or all(one["description"] for one in known.values())
        assert {"model", "as_of", "data", "force"} <= set(known) or name == "predict/predict"
    [nightly] = first["predict/predict"]["schedules"]
    assert nightly["active"] is False and nightly["schedule"] == {"cron": "0 4 * * *", "timezone": "UTC",
                                                                  "day_or": True}
    assert not any(one["schedules"] for name, one in first.items() if name != "predict/predict")
    prefect("--no-prompt", "deploy", "--all", environment=environment)
    assert {name: one["id"] for name, one in deployments(server).items()} \
        == {name: one["id"] for name, one in first.items()}, "deploying again changes them in place"

    write_tides(Path(environment["HEADGATE_ROOT"]))
    asked = server.post(f"/deployments/{first['train/train']['id']}/create_flow_run",
                        json={"parameters": {"model": "tides"}, "state": {"type": "SCHEDULED"}})
    asked.raise_for_status()
    with running("worker", "start", "--pool", "headgate", environment=environment,
                 log=Path(environment["HEADGATE_ROOT"]) / "worker.log") as worker:
        run = until(lambda: ended(server, asked.json()["id"]), process=worker)
    assert (run["state_type"], run["state_name"]) == ("COMPLETED", "Completed"), run["state"]["message"]
    assert run["name"] == "train tides v1 promoted" and run["work_pool_name"] == "headgate"
    champion = read.champion(Workspace.from_environment(environment), "tides")
    assert champion.version == "1" and champion.decision == "promote"


def ended(client, identity):
    run = client.get(f"/flow_runs/{identity}").json()
    return run if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None
