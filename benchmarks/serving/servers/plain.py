"""FastAPI on uvicorn, as one writes it in an afternoon: with the graph, with the pickled forest, and with nothing."""

from pathlib import Path

from benchmarks.serving.servers.base import Server

APPS = Path(__file__).resolve().parents[1] / "apps"


class Floor(Server):
    """Validates the same body and answers a constant."""

    name, label, app = "floor", "floor: FastAPI, a constant", "floor"

    def command(self, port):
        return (self.python, "-m", "uvicorn", "--app-dir", APPS, f"{self.app}:app", "--host", "127.0.0.1",
                "--port", port, "--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "warning")

    def environment(self, port):
        return {"BENCHMARK_MODEL": str(self.prepared.folder), "OMP_NUM_THREADS": "1"}

    def probabilities(self, shape, answer):
        return None


class PlainGraph(Floor):
    """The same graph in ONNX Runtime; a batch is one call."""

    name, label, app = "onnx", "FastAPI + ONNX Runtime", "graph"

    def probabilities(self, shape, answer):
        return [answer["probability"]] if shape == "single" else [one["probability"] for one in answer["predictions"]]


class PlainForest(PlainGraph):
    """The pickled scikit-learn pipeline; a batch is one frame."""

    name, label, app, tolerance = "sklearn", "FastAPI + scikit-learn", "forest", 0.01
