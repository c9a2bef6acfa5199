"""A post office at work: its Prefect server and worker, its service, who is told, and what it is asked."""

from concurrent.futures import ThreadPoolExecutor

import letters
from orchestrated import wait_until

from headgate.prediction_log import read_rows
from headgate.registry import read
from headgate.training.record import read_summary

BATCH, CLIENTS = 100, 4


class PostOffice:
    """server : a Server of orchestrated. worker : its process. service : Running. told : a Receiver."""

    def __init__(self, server, worker, service, told):
        self.server, self.worker, self.service, self.told = server, worker, service, told
        self.root, self.workspace = server.root, service.workspace

    def run(self, name):
        """Run a deployment to its end; return the run."""
        identity = self.server.start(name, model="letters")
        return self.until(lambda: self.server.ended(identity), f"{name} did not end")

    def started_by_itself(self, flow):
        """Return the run of a flow that an event started, once it is over."""
        def over():
            runs = self.server.runs(flow)
            return self.server.ended(runs[0]["id"]) if runs else None
        run = self.until(over, f"no event started {flow}")
        assert run["created_by"]["type"] == "AUTOMATION"
        return run

    def approve(self):
        """Approve the deployment that waits, as the UI does it; return its run when it is over."""
        paused = {"state": {"type": {"any_": ["PAUSED"]}}}
        [run] = self.until(lambda: self.server.runs("deploy", flow_runs=paused), "no deployment waits")
        path = f"flow_runs/{run['id']}/resume"
        told = self.server.ask(path, run_input={"reason": "well"})
        assert told["status"] == "REJECT", "without a yes or no it waits on, although the answer comes with 200"
        told = self.server.ask(path, run_input={"approve": True, "by": "ada", "reason": "looks right"})
        assert told["status"] == "ACCEPT", told
        return self.until(lambda: self.server.ended(run["id"]), "the deployment did not end")

    def serve(self, month):
        """Ask the service for every letter of the counters, and tell it what came of each; return the versions."""
        rows = month[letters.at_counters(month)]
        answers = [self._ask(rows[start:start + BATCH]) for start in range(0, len(rows), BATCH)]
        ids = [one["prediction_id"] for answer in answers for one in answer["predictions"]]
        with ThreadPoolExecutor(CLIENTS) as clients:
            assert {*clients.map(self._tell, ids, rows["late"])} == {202}
        self.until(lambda: self.known_to_log(rows) == len(rows), "the log does not know every letter")
        return {answer["model_version"] for answer in answers}

    def _ask(self, rows):
        answer = self.service.post("/models/letters/predict/batch", {
            "instances": rows.drop(columns="late").to_dict("records")})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _tell(self, identity, label):
        return self.service.post("/feedback", {"prediction_id": identity, "label": label}).status_code

    def known_to_log(self, rows):
        """Return how many of these letters are in the prediction log with their truth."""
        found = {row.inputs["letter"] for row in read_rows(self.workspace, "letters", labelled=True)}
        return len(found & set(rows["letter"]))

    def until(self, true, what):
        """Return what `true()` returns once that is true, while the worker runs."""
        return wait_until(true, process=self.worker, what=what)

    def summary(self, run):
        """Return what a flow run kept."""
        return read_summary(self.workspace, run["id"])

    def roles(self):
        """Return {alias: number of the version}."""
        return {alias: one.version for one in read.list_versions(self.workspace, "letters") for alias in one.aliases}

    def serves(self):
        """Return the number of the version that answers over HTTP."""
        return self.service.get("/models/letters").json()["version"]

    def notices(self):
        """Return {kind: message} of what people were told since this was last asked, in its order."""
        told = {document["kind"]: document["message"] for _, document in self.told.got}
        self.told.got.clear()
        return told

    def artifacts(self, run):
        """Return {key: data} of what a run shows in the UI."""
        found = self.server.ask("artifacts/filter", artifacts={"flow_run_id": {"any_": [run["id"]]}})
        return {one["key"]: one["data"] for one in found if one["key"]}
