"""Every flow is deployed to a real Prefect server as the README says, and a worker runs one to its end."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import uuid
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from orchestrated import answers, client_of, running

from headgate.registry import read
from headgate.workspace import Workspace

CHECKOUT = Path(__file__).resolve().parents[3]
SPEC = {"name": "tides", "data": {"source": {"csv": "../../tides.csv"}, "key": ["day"], "holdout": {"share": 0.3}},
        "columns": [{"name": "moon", "kind": "number"}, {"name": "wind", "kind": "number"}],
        "target": {"column": "high", "classes": ["no", "yes"]}, "algorithms": ["logistic_regression"]}


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Settings of a server, its worker and its commands, in a home of their own."""
    root = tmp_path_factory.mktemp("orchestration")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    return {**os.environ, "PREFECT_HOME": str(root / "prefect"), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
            "HEADGATE_ROOT": str(root), "HEADGATE_HOME": str(root / "state"), "PREFECT_WORKER_QUERY_SECONDS": "0.5"}


@pytest.fixture(scope="module")
def server(environment, prefect_tables):
    """A Prefect server, as `prefect server start` starts it; a client of its API."""
    url, home = environment["PREFECT_API_URL"], Path(environment["HEADGATE_ROOT"])
    port = url.split(":")[2].split("/")[0]
    quiet = {**environment, "PREFECT_UI_ENABLED": "false"}
    words = ("server", "start", "--host", "127.0.0.1", "--port", port)
    with contextlib.ExitStack() as started, client_of(url) as client:
        def start():
            process = started.enter_context(running(*words, environment=quiet, log=home / "server.log"))
            until(lambda: answers(client), process=process)
        prefect_tables(home / "prefect", start)
        yield client


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


CRONS = {"watch/watch": "30 * * * *", "train/train": "0 2 * * 0", "retrain/retrain": "0 3 * * 1",
         "drift/drift": "0 5 * * *", "predict/predict": "0 4 * * *"}
EVENTS = {"validate/validate": {"headgate.data.arrived"}, "deploy/deploy": {"headgate.version.registered"},
          "retrain/retrain": {"headgate.drift.found", "headgate.data.valid"}}


@pytest.fixture(scope="module")
def deployed(environment, server):
    """{flow/name: deployment} of a fresh server after the first `prefect deploy --all`."""
    prefect("work-pool", "create", "headgate", "--type", "process", environment=environment)
    prefect("--no-prompt", "deploy", "--all", environment=environment)
    return deployments(server)


@pytest.fixture(scope="module")
def worker(environment, server, deployed, empty_registry):
    """A worker that runs what is asked for, and the model of a small table in an empty registry."""
    Path(environment["HEADGATE_HOME"]).mkdir()
    shutil.copy(empty_registry, environment["HEADGATE_HOME"])
    write_tides(Path(environment["HEADGATE_ROOT"]))
    with running("worker", "start", "--pool", "headgate", environment=environment,
                 log=Path(environment["HEADGATE_ROOT"]) / "worker.log") as process:
        yield process


def automations(client, identity):
    """Return {event: automation} of a deployment."""
    owned = client.get(f"/automations/related-to/prefect.deployment.{identity}").json()
    return {one["trigger"]["expect"][0]: one for one in owned}


def test_every_flow_is_deployed_with_descriptions_and_tags(deployed):
    assert set(deployed) == {f"{name}/{name}" for name in ("watch", "validate", "train", "predict", "drift", "retrain",
                                                           "deploy")}
    for name, one in deployed.items():
        known = one["parameter_openapi_schema"]["properties"]
        assert one["work_pool_name"] == "headgate" and one["parameters"]["model"] == "flights"
        assert one["description"] and one["tags"][0] == "headgate" and set(one["parameters"]) <= set(known)
        assert all(parameter["description"] for parameter in known.values()), name
    assert deployed["train/train"]["concurrency_options"]["collision_strategy"] == "ENQUEUE"


def test_schedules_are_those_of_the_design(deployed):
    seen = {name: one["schedules"] for name, one in deployed.items() if one["schedules"]}
    assert {name: schedule["schedule"]["cron"] for name, [schedule] in seen.items()} == CRONS
    assert all(schedule["schedule"]["timezone"] == "UTC" for [schedule] in seen.values())
    assert {name for name, [schedule] in seen.items() if not schedule["active"]} == {"predict/predict"}


def test_events_start_flows(server, deployed):
    assert {name: set(automations(server, one["id"])) for name, one in deployed.items()
            if automations(server, one["id"])} == EVENTS
    for name in EVENTS:
        for one in automations(server, deployed[name]["id"]).values():
            assert one["enabled"] and one["actions"][0]["deployment_id"] == deployed[name]["id"]


def test_deployed_again_nothing_is_doubled_and_schedules_are_quiet_where_github_fires(environment, server, deployed):
    everything = len(server.post("/automations/filter", json={}).json())
    prefect("--no-prompt", "deploy", "--all", environment={**environment, "HEADGATE_PREFECT_SCHEDULES": "false"})
    again = deployments(server)
    assert {name: one["id"] for name, one in again.items()} == {name: one["id"] for name, one in deployed.items()}
    assert {name: [one["schedule"]["cron"] for one in found["schedules"]] for name, found in again.items()
            if found["schedules"]} == {name: [cron] for name, cron in CRONS.items()}
    assert not any(one["active"] for found in again.values() for one in found["schedules"])
    assert len(server.post("/automations/filter", json={}).json()) == everything == 4


def test_two_trainings_of_one_model_take_turns(environment, server, deployed, worker):
    asked = [server.post(f"/deployments/{deployed['train/train']['id']}/create_flow_run",
                         json={"parameters": {"model": "tides"}, "state": {"type": "SCHEDULED"}}) for _ in range(2)]
    runs = [until(lambda: ended(server, one.json()["id"]), process=worker) for one in asked]
    assert [run["state_name"] for run in runs] == ["Completed", "Completed"], [run["state"] for run in runs]
    assert {run["name"] for run in runs} == {"train tides v1 promoted", "train tides v1 unchanged"}
    assert {run["work_pool_name"] for run in runs} == {"headgate"}
    champion = read.champion(Workspace.from_environment(environment), "tides")
    assert champion.version == "1" and champion.decision == "promote"
    limit = server.get("/v2/concurrency_limits/headgate-training-tides").json()
    assert (limit["limit"], limit["active_slots"]) == (1, 0), "one at a time, and both are over"


def test_what_arrives_is_validated_and_then_a_training_is_weighed(environment, server, deployed, worker):
    prefect("event", "emit", "headgate.data.arrived", "--resource-id", "headgate.model.tides", environment=environment)
    validated = until(lambda: run_of(server, deployed["validate/validate"]), process=worker)
    assert validated["parameters"]["model"] == "tides" and validated["parameters"]["arrived"] is True
    assert validated["state_name"] == "Completed" and validated["name"] == "validate tides valid"
    weighed = until(lambda: run_of(server, deployed["retrain/retrain"]), process=worker)
    assert weighed["parameters"]["model"] == "tides" and weighed["state_name"] == "Completed", weighed["state"]


def test_a_version_that_waits_is_deployed_and_no_other(environment, server, deployed, worker):
    told = [{"id": str(uuid.uuid4()), "occurred": datetime.now(timezone.utc).isoformat(), "payload": {},
             "event": "headgate.version.registered", "resource": {
                 "prefect.resource.id": "headgate.model.tides", "headgate.outcome": outcome,
                 "headgate.version": version}}
            for outcome, version in (("promoted", "1"), ("held", "2"), ("registered", "3"))]
    server.post("/events", json=told).raise_for_status()
    run = until(lambda: run_of(server, deployed["deploy/deploy"]), process=worker)
    asked = {name: run["parameters"][name] for name in ("model", "version", "approval_timeout")}
    assert asked == {"model": "tides", "version": "3", "approval_timeout": 86400}
    assert run["state_name"] == "Failed" and "VersionNotFound" in run["state"]["message"]


def run_of(client, deployment):
    """Return the newest run of a deployment that was started by an automation and ended, or None."""
    found = client.post("/flow_runs/filter", json={"deployments": {"id": {"any_": [deployment["id"]]}},
                                                   "sort": "START_TIME_DESC"}).json()
    over = [one for one in found if one["created_by"] and one["created_by"]["type"] == "AUTOMATION"]
    assert len(over) < 2, "one event, one run"
    return ended(client, over[0]["id"]) if over else None


def ended(client, identity):
    run = client.get(f"/flow_runs/{identity}").json()
    return run if run["state_type"] in ("COMPLETED", "FAILED", "CRASHED", "CANCELLED") else None
