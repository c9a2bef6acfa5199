"""The model that every server serves: flights as a random forest, trained by the project's own flow."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.measure import ROOT

MODEL, ALGORITHM = "flights", "random_forest"
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "BENTOML_DO_NOT_TRACK": "true"}
ELSEWHERE = ("HEADGATE_DATABASE_URL", "MLFLOW_TRACKING_URI")       # would lead out of the state directory


@dataclass(frozen=True)
class Prepared:
    """One version, ready to be served.

    folder : holds bundle/ as exported, forest.pkl (the same forest as an ordinary scikit-learn pipeline), rows.json.
    digest : SHA-256 of the graph.
    """

    folder: Path
    digest: str

    @property
    def bundle(self):
        return self.folder / "bundle"

    @property
    def forest(self):
        return self.folder / "forest.pkl"

    @cached_property
    def spec(self):
        return json.loads((self.bundle / "spec.json").read_text(encoding="utf-8"))

    @cached_property
    def rows(self):
        """Rows of the holdout month as a request gives them: dicts of column to value, null for a missing one."""
        return self._holdout["rows"]

    @cached_property
    def expected(self):
        """What the graph answers for each of the rows: the probability of the last class."""
        return self._holdout["probabilities"]

    @cached_property
    def _holdout(self):
        return json.loads((self.folder / "rows.json").read_text(encoding="utf-8"))


def prepare(home, cache, model=MODEL, algorithm=ALGORITHM):
    """Return the Prepared of the newest version that `home` holds of this algorithm, training one if there is none.

    algorithm : None stands for those that the model's spec compares.
    """
    home, cache = Path(home).resolve(), Path(cache).resolve()
    version = find_version(home, model, algorithm) or train(home, model, algorithm)
    folder = cache / "models" / f"{model}-{version['digest'][:12]}"
    if not (folder / "bundle" / "manifest.json").is_file():
        folder.mkdir(parents=True, exist_ok=True)
        headgate(home, "headgate", "export", model, folder / "bundle", "--version", version["version"])
    graph = json.loads((folder / "bundle" / "manifest.json").read_text(encoding="utf-8"))["files"]["model.onnx"]
    return Prepared(folder, graph)


def with_rows(prepared, home):
    """Write the forest and the rows of `prepared` unless they are there; return it."""
    if not (prepared.folder / "rows.json").is_file():
        print("fitting the same forest with scikit-learn, for the peers", file=sys.stderr)
        headgate(home, "benchmarks.serving.forest", prepared.folder, Path(home) / "snapshots")
    return prepared


def find_version(home, model, algorithm):
    """Return the newest registered version of `model` made by `algorithm`, as `show --json` prints it, or None."""
    if not (home / "mlflow.db").is_file():
        return None
    answer = headgate(home, "headgate", "show", model, "--json", check=False)
    if answer.returncode:
        return None
    wanted = (algorithm,) if algorithm else spec_algorithms(model)
    found = [one for one in json.loads(answer.stdout.splitlines()[-1])["versions"] if one["algorithm"] in wanted]
    return max(found, key=lambda one: int(one["version"]), default=None)


def spec_algorithms(model):
    """Return the names of the algorithms that models/NAME/model.yaml compares."""
    import yaml

    return tuple(yaml.safe_load((ROOT / "models" / model / "model.yaml").read_text(encoding="utf-8"))["algorithms"])


def train(home, model, algorithm):
    """Train with the project's flow and return the version; SystemExit if none was registered."""
    print(f"training {model}, about two minutes", file=sys.stderr)
    chosen = ("--algorithm", algorithm) if algorithm else ()
    answer = headgate(home, "flows.train", "--model", model, *chosen, check=False)
    version = find_version(home, model, algorithm)
    if version is None:
        raise SystemExit(f"{model} was trained and nothing was registered:\n{answer.stdout}{answer.stderr}")
    return version


def headgate(home, module, *arguments, check=True):
    """Run `python -m module` with its state under `home`; SystemExit with its output when it fails."""
    environment = {**os.environ, **QUIET, "HEADGATE_HOME": str(home)}
    for name in ELSEWHERE:
        environment.pop(name, None)
    done = subprocess.run([sys.executable, "-m", module, *map(str, arguments)], cwd=ROOT, env=environment,
                          capture_output=True, text=True)
    if check and done.returncode:
        raise SystemExit(f"python -m {module} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done
