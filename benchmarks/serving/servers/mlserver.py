"""MLServer with its scikit-learn runtime and the V2 protocol, which is columnar: there is no body of rows."""

import json
import shutil

from benchmarks.serving.processes import free_port
from benchmarks.serving.servers.base import Server, as_columns

DATATYPES = {"number": "FP64", "integer": "INT64", "boolean": "INT64", "category": "BYTES"}


class MLServer(Server):
    """One process without a pool of workers; columns become a frame by the pandas codec."""

    name, label, needs, tolerance = "mlserver", "MLServer", "mlserver", 0.01
    ready = "/v2/models/flights/ready"
    paths = {"single": "/v2/models/flights/infer", "columns": "/v2/models/flights/infer"}

    def build(self):
        folder = self.place / "mlserver"
        folder.mkdir()
        shutil.copyfile(self.prepared.forest, folder / "model.joblib")
        write(folder / "model-settings.json", {"name": "flights", "implementation": "mlserver_sklearn.SKLearnModel",
                                               "parameters": {"uri": "./model.joblib", "content_type": "pd"}})
        write(folder / "settings.json", {"debug": False, "parallel_workers": 0, "host": "127.0.0.1"})

    def command(self, port):
        return self.python.parent / "mlserver", "start", self.place / "mlserver"

    def environment(self, port):
        return {"MLSERVER_HTTP_PORT": str(port), "MLSERVER_GRPC_PORT": str(free_port()),
                "MLSERVER_METRICS_PORT": str(free_port()), "OMP_NUM_THREADS": "1"}

    def body(self, shape, rows):
        kinds = {column["name"]: column["kind"] for column in self.prepared.spec["columns"]}
        inputs = [{"name": name, "shape": [len(rows), 1], "datatype": DATATYPES[kinds[name]], "data": values,
                   **({"parameters": {"content_type": "str"}} if kinds[name] == "category" else {})}
                  for name, values in as_columns(rows).items()]
        return {"parameters": {"content_type": "pd"}, "inputs": inputs, "outputs": [{"name": "predict_proba"}]}

    def probabilities(self, shape, answer):
        output = answer["outputs"][0]
        return output["data"][output["shape"][1] - 1::output["shape"][1]]


def write(path, document):
    """Write a JSON document."""
    path.write_text(json.dumps(document), encoding="utf-8")
