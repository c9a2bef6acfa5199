"""`mlflow models serve`: the scikit-learn flavour with a signature, without which a null would make a column text."""

import json
import subprocess

from benchmarks.serving.servers.base import Server, frame_types

SAVE = """
import json, sys
import cloudpickle, mlflow.sklearn, pandas
forest, rows, types, target = sys.argv[1:]
frame = pandas.DataFrame(json.loads(rows)).astype(json.loads(types))
with open(forest, "rb") as file:
    pipeline = cloudpickle.load(file)
signature = mlflow.models.infer_signature(frame, pipeline.predict_proba(frame))
mlflow.sklearn.save_model(pipeline, target, signature=signature, serialization_format="cloudpickle",
                          pyfunc_predict_fn="predict_proba", pip_requirements=["scikit-learn", "pandas"])
"""


class MLflow(Server):
    """One worker, in the environment that it was started in."""

    name, label, needs, ready, tolerance = "mlflow", "mlflow models serve", "mlflow", "/ping", 0.01
    paths = {"single": "/invocations", "instances": "/invocations", "columns": "/invocations"}

    def build(self):
        few = [row for row in self.prepared.rows if None not in row.values()][:20]
        done = subprocess.run([str(self.python), "-c", SAVE, str(self.prepared.forest), json.dumps(few),
                               json.dumps(frame_types(self.prepared.spec)), str(self.place / "mlflow-model")],
                              capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"the model could not be saved for mlflow:\n{done.stderr[-2000:]}")

    def command(self, port):
        return (self.python, "-m", "mlflow", "models", "serve", "--model-uri", self.place / "mlflow-model",
                "--env-manager", "local", "--host", "127.0.0.1", "--port", port, "--workers", "1")

    def environment(self, port):
        return {"UVICORN_ACCESS_LOG": "false", "PATH": f"{self.python.parent}:/usr/bin:/bin", "OMP_NUM_THREADS": "1"}

    def body(self, shape, rows):
        if shape == "instances":
            return {"dataframe_records": rows}
        names = list(rows[0])
        return {"dataframe_split": {"columns": names, "data": [list(row.values()) for row in rows]}}

    def probabilities(self, shape, answer):
        return [row[-1] for row in answer["predictions"]]
