"""`python -m flows.up` on real processes: everything answers, what dies comes back, nothing is left."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import psutil
import pytest
from processes import runs, started_by, words_of
from running import until

CHECKOUT = Path(__file__).resolve().parents[3]


class Machine:
    """A machine that was started, and what it is made of."""

    def __init__(self, home, ports, more):
        self.home, self.ports, self.more = home, ports, more
        self.log = open(home.parent / "said.txt", "w+", encoding="utf-8")
        self.process = subprocess.Popen(command(ports), cwd=CHECKOUT, env=environment(home, more), text=True,
                                        stdout=subprocess.PIPE, stderr=self.log)
        self.up = None

    def wait(self):
        line = self.process.stdout.readline()
        assert line, (self.home.parent / "said.txt").read_text()
        self.up = json.loads(line)
        return self

    def restart(self):
        """Stop it and start it again, on the same ports and state directory."""
        self.process.terminate()
        self.process.communicate(timeout=90)
        self.process = subprocess.Popen(command(self.ports), cwd=CHECKOUT, env=environment(self.home, self.more),
                                        text=True, stdout=subprocess.PIPE, stderr=self.log)
        self.wait()

    def at(self, name):
        return f"http://127.0.0.1:{self.ports[name]}"

    def family(self):
        return started_by(self.process.pid)

    def part(self, word):
        """Return the process of a part, or None."""
        found = [one for one in started_by(self.process.pid, recursive=False) if word in words_of(one)[3:6]]
        return found[0] if found else None


def command(ports):
    return [sys.executable, "-m", "flows.up", "--json",
            *(word for name, port in ports.items() for word in (f"--{name}-port", str(port)))]


def environment(home, more=()):
    return {**{name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")},
            "HEADGATE_HOME": str(home), "HEADGATE_ROOT": str(home.parent), **dict(more)}


@pytest.fixture(scope="module")
def machine(tmp_path_factory, free_port, prefect_tables):
    home = tmp_path_factory.mktemp("machine") / "state"
    started = []

    def start():
        ports = {name: free_port() for name in ("prefect", "mlflow", "api")}
        started.append(Machine(home, ports, {"NO_PROXY": "*"}))
        started[0].wait()
    try:
        prefect_tables(home / "prefect", start)
        yield started[0]
    finally:
        for one in started:
            one.process.kill() if one.process.poll() is None else None
            one.process.wait()
            one.process.stdout.close()
            one.log.close()


def deployments(machine):
    return httpx.post(f"{machine.at('prefect')}/api/deployments/filter", json={}, timeout=30).json()


def workers(machine):
    found = httpx.post(f"{machine.at('prefect')}/api/work_pools/headgate/workers/filter", json={}, timeout=30).json()
    return [one["status"] for one in found]


def answering(url):
    try:
        return httpx.get(url, timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def test_all_four_answer_and_every_flow_is_deployed(machine):
    assert machine.up["outcome"] == "up" and machine.up["home"] == str(machine.home)
    assert machine.up["addresses"] == {"Prefect": machine.at("prefect"), "MLflow": machine.at("mlflow"),
                                       "API": machine.at("api")}
    for path in ("/api/health", "/"):
        assert answering(machine.at("prefect") + path), path
    assert answering(machine.at("mlflow") + "/health") and answering(machine.at("api") + "/health")
    assert workers(machine) == ["ONLINE"]
    assert {"train", "validate", "predict"} <= {one["name"] for one in deployments(machine)}
    assert (machine.home / "prefect" / "prefect.db").is_file() and (machine.home / "mlflow.db").is_file()


def test_nobody_else_is_spoken_to_and_telemetry_is_off(machine):
    told_of = [(one, *found) for one in machine.family() if (found := surroundings_of(one))]
    assert len(told_of) >= 4
    for one, told, peers in told_of:
        assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false" and told["DO_NOT_TRACK"] == "true"
        assert told["MLFLOW_DISABLE_TELEMETRY"] == "true" and told["GX_ANALYTICS_ENABLED"] == "false"
        remote = {peer.raddr.ip for peer in peers if peer.raddr}
        assert remote <= {"127.0.0.1", "::1"}, (words_of(one), remote)
    assert httpx.get(f"{machine.at('prefect')}/api/admin/settings").json()["server"]["analytics_enabled"] is False


def surroundings_of(process):
    """Return (environment, connections) of a process, or None if it has ended."""
    try:
        return process.environ(), process.net_connections("inet")
    except psutil.NoSuchProcess:
        return None


def test_a_second_one_is_refused_and_told_of_the_first(machine, free_port):
    ports = {name: free_port() for name in machine.ports}
    answer = subprocess.run(command(ports), cwd=CHECKOUT, env=environment(machine.home), text=True,
                            capture_output=True, timeout=60, check=False)
    told = json.loads(answer.stdout.splitlines()[-1])
    assert answer.returncode == 2 and told["kind"] == "Busy"
    assert f"process {machine.process.pid} " in told["error"] and machine.at("prefect") in told["error"]
    elsewhere = machine.home.parent / "elsewhere"
    answer = subprocess.run(command({**ports, "api": machine.ports["api"]}), cwd=CHECKOUT, env=environment(elsewhere),
                            text=True, capture_output=True, timeout=60, check=False)
    assert answer.returncode == 2 and f"127.0.0.1:{machine.ports['api']} (api)" in answer.stderr
    assert "--api-port N" in answer.stderr


def test_a_state_directory_that_cannot_be_is_told(tmp_path, free_port):
    (tmp_path / "file").write_text("")
    answer = subprocess.run(command({name: free_port() for name in ("prefect", "mlflow", "api")}), cwd=CHECKOUT,
                            env=environment(tmp_path / "file" / "state"), text=True, capture_output=True, timeout=60,
                            check=False)
    told = json.loads(answer.stdout.splitlines()[-1])
    assert answer.returncode == 2 and told["kind"] == "StorageError" and str(tmp_path / "file") in told["error"]


@pytest.mark.parametrize("word, alive", [
    ("api", lambda machine: answering(machine.at("api") + "/health")),
    ("mlflow", lambda machine: answering(machine.at("mlflow") + "/health")),
    ("worker", lambda machine: "ONLINE" in workers(machine))])
def test_a_part_that_is_killed_comes_back(machine, word, alive):
    before = machine.part(word)
    before.kill()
    until(lambda: (after := machine.part(word)) and after.pid != before.pid, seconds=60)
    until(lambda: alive(machine), seconds=120)


def test_a_deployment_that_waited_when_it_stopped_asks_again(machine):
    api = f"{machine.at('prefect')}/api"
    deploy = next(one["id"] for one in deployments(machine) if one["name"] == "deploy")
    waiting, running = (httpx.post(f"{api}/deployments/{deploy}/create_flow_run", timeout=30, json={
        "parameters": {"model": "nothing"}, "state": {"type": "SCHEDULED", "state_details": {
            "scheduled_time": "2099-01-01T00:00:00Z"}}}).json()["id"] for _ in range(2))
    for run, state in ((waiting, "PAUSED"), (running, "RUNNING")):
        httpx.post(f"{api}/flow_runs/{run}/set_state", json={"state": {"type": state}, "force": True}, timeout=30)
    machine.restart()
    runs = httpx.post(f"{api}/flow_runs/filter", json={"deployments": {"id": {"any_": [deploy]}}}, timeout=30).json()
    states = {one["id"]: one["state_type"] for one in runs}
    assert (states.pop(waiting), states.pop(running)) == ("CRASHED", "CRASHED")
    [again] = [one for one in runs if one["id"] in states]
    assert again["parameters"]["model"] == "nothing"
    until(lambda: httpx.get(f"{api}/flow_runs/{again['id']}").json()["state_type"] == "FAILED", seconds=60,
          what="the run that asks again was not begun")


def test_it_stops_and_leaves_nothing(machine):
    family = machine.family()
    assert len(family) >= 4
    machine.process.terminate()
    said, _ = machine.process.communicate(timeout=90)
    assert machine.process.returncode == 0 and json.loads(said.splitlines()[-1])["outcome"] == "stopped"
    assert not [one for one in family if runs(one)]
    assert not any(answering(machine.at(name)) for name in machine.ports)
    assert not (machine.home / "locks" / "up.json").exists()
