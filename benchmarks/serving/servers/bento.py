"""BentoML: a service class whose input is a frame; both a list of rows and columns make one."""

from benchmarks.serving.servers.base import Server, as_columns
from benchmarks.serving.servers.plain import APPS


class BentoML(Server):
    """One worker, without access log."""

    name, label, needs, ready, tolerance = "bentoml", "BentoML", "bentoml", "/readyz", 0.01
    paths = {"single": "/predict", "instances": "/predict", "columns": "/predict"}

    def command(self, port):
        return (self.python, "-m", "bentoml", "serve", "bento:Flights", "--working-dir", APPS, "--host", "127.0.0.1",
                "--port", port)

    def environment(self, port):
        return {"BENCHMARK_MODEL": str(self.prepared.folder), "BENTOML_HOME": str(self.place / "bento"),
                "BENTOML_DO_NOT_TRACK": "true", "OMP_NUM_THREADS": "1"}

    def body(self, shape, rows):
        return {"rows": as_columns(rows) if shape == "columns" else rows}

    def probabilities(self, shape, answer):
        return answer
