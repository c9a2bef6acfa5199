"""A quarter of a post office on a real Prefect server and worker: flows start one another, people only approve.

October trains the first version. In November the queue is counted in another unit: drift is found, and what is trained
again learns from letters that the prediction log alone knows. In December answers are wrong: nothing new serves.
"""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from unittest import mock

import letters
import orchestrated
import pandas as pd
import pytest
from commands import Place
from letters import DECEMBER, NOVEMBER, OCTOBER
from receiver import receiving
from running import CHECKOUT, as_process, free_port, until

from headgate.prediction_log import read_rows
from headgate.registry import read
from headgate.workspace import Workspace

BATCH = 100
STORY = []


class Office:
    """The post office: its server and worker, its service, who is told, and what it knows of letters."""

    def __init__(self, server, worker, service, told):
        self.server, self.worker, self.service, self.told = server, worker, service, told
        self.root, self.workspace = server.root, service.workspace

    def wait(self, true, what):
        return orchestrated.wait_until(true, process=self.worker, what=what)

    def run(self, name, **parameters):
        """Run a deployment to its end; return the run."""
        identity = self.server.start(name, model="letters", **parameters)
        return self.wait(lambda: self.server.ended(identity), f"{name} did not end")

    def approve(self):
        """Approve the deployment that waits, as the UI does it; return its run when it is over."""
        paused = {"state": {"type": {"any_": ["PAUSED"]}}}
        [run] = self.wait(lambda: self.server.runs("deploy", flow_runs=paused), "no deployment waits")
        asked = f"flow_runs/{run['id']}/resume"
        told = self.server.ask(asked, run_input={"reason": "no answer"})
        assert told["status"] == "REJECT", "an answer without approve is none, although it comes with 200"
        told = self.server.ask(asked, run_input={"approve": True, "by": "ada", "reason": "looks right"})
        assert told["status"] == "ACCEPT", told
        return self.wait(lambda: self.server.ended(run["id"]), "the deployment did not end")

    def roles(self):
        found = read.list_versions(self.workspace, "letters")
        return {alias: one.version for one in found for alias in one.aliases}

    def serve(self, month):
        """Ask the service for every letter of the counters, and tell it what came of each; return the versions."""
        rows = month[letters.at_counters(month)]
        answers = [one for start in range(0, len(rows), BATCH) for one in self._ask(rows[start:start + BATCH])]
        truths = [{"prediction_id": one["prediction_id"], "label": late} for one, late in zip(answers, rows["late"])]
        with ThreadPoolExecutor(4) as clients:
            stored = [*clients.map(lambda truth: self.service.post("/feedback", truth).status_code, truths)]
        assert set(stored) == {202}
        self.wait(lambda: len(self.logged(rows)) == len(rows), "the log did not get every letter")
        return {one["model_version"] for one in answers}

    def _ask(self, rows):
        answer = self.service.post("/models/letters/predict/batch", {
            "instances": rows.drop(columns="late").to_dict("records")})
        assert answer.status_code == 200, answer.text
        return answer.json()["predictions"]

    def logged(self, rows):
        """Return which of these letters the prediction log knows with their truth."""
        found = {row.inputs["letter"] for row in read_rows(self.workspace, "letters", labelled=True)}
        return found & set(rows["letter"])

    def told_since(self):
        """Return the kinds of notices since it was last asked."""
        kinds = self.told.kinds
        self.told.got.clear()
        return kinds

    def summary(self, run):
        """Return what a flow run kept."""
        from headgate.training.record import read_summary
        return read_summary(self.workspace, run["id"])

    def why(self, version):
        """Return what `python -m headgate why` prints, and its JSON."""
        place = {**os.environ, "HEADGATE_ROOT": str(self.root), "HEADGATE_HOME": str(self.workspace.home)}
        done = subprocess.run([sys.executable, "-m", "headgate", "why", "letters", "--version", version, "--json"],
                              cwd=CHECKOUT, env=place, capture_output=True, text=True, encoding="utf-8", timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def office(tmp_path_factory, prefect_tables):
    root, port = tmp_path_factory.mktemp("office"), free_port()
    workspace = Workspace.from_environment({"HEADGATE_HOME": str(root / "state"), "HEADGATE_ROOT": str(root)})
    with receiving() as told, as_process(workspace) as service, orchestrated.serving(
            root, prefect_tables, HEADGATE_NOTIFY=told.url,
            HEADGATE_PRODUCTION_URL=f"http://127.0.0.1:{service.port}") as server:
        server.deploy_all()
        with server.working() as worker:
            yield Office(server, worker, service, told)


def test_the_story(office):
    import time
    t = time.monotonic()

    def tick(what):
        nonlocal t
        print(f"{time.monotonic() - t:6.1f} {what}", file=sys.stderr, flush=True)
        t = time.monotonic()
    october, november, december = (letters.month(OCTOBER), letters.month(NOVEMBER),
                                   letters.month(DECEMBER, wrong=0.3))
    letters.stand_at(office.root, OCTOBER, october)
    trained = office.run("train/train")
    tick("train")
    assert (trained["state_name"], trained["name"]) == ("Completed", "train letters v1 registered"), trained["state"]
    assert office.roles() == {"challenger": "1"}
    deployed = office.approve()
    tick("deploy")
    assert deployed["name"] == "deploy letters v1 deployed", deployed["state"]
    assert office.roles() == {"champion": "1"}
    assert office.told_since() == ["registered", "deployed"]

    letters.stand_at(office.root, NOVEMBER, pd.concat([october, november[~letters.at_counters(november)]]))
    assert office.serve(november) == {"1"}
    tick("served")
    drifted = office.run("drift/drift")
    tick("drift")
    assert (drifted["state_name"], drifted["name"]) == ("Drift", "drift letters v1 drift"), drifted["state"]
    found = office.summary(drifted)
    assert found["drifted_columns"] == ["queue"]
    [retrained] = office.wait(lambda: [one for one in office.server.runs("retrain") if office.server.ended(one["id"])],
                              "drift started no retraining")
    tick("retrain")
    assert retrained["name"] == "retrain letters v2 retrained", retrained["state"]
    deployed = office.approve()
    tick("deploy")
    assert deployed["name"] == "deploy letters v2 deployed", deployed["state"]
    assert office.roles() == {"champion": "2", "previous": "1"}
    print(office.told_since(), file=sys.stderr)

    letters.stand_at(office.root, DECEMBER, october, november[~letters.at_counters(november)],
                     december[~letters.at_counters(december)])
    assert office.serve(december) == {"2"}
    tick("served")
    weighed = office.run("retrain/retrain")
    tick("retrain")
    print(weighed["name"], weighed["state"]["message"], file=sys.stderr)
    print(office.told_since(), file=sys.stderr)
    print(json.dumps(office.why("2"), indent=1)[:6000], file=sys.stderr)
    tick("why")
