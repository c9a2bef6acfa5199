"""What `python -m flows.train --model flights --force` does, written down without Headgate: the floor of its overhead.

    python -m benchmarks.bare_train --home DIRECTORY

One script of one afternoon that calls the same libraries for the same work: the same checks in Great Expectations, the
same features, folds, estimators and threads, one ONNX graph compared with what was fitted, the same scores and plots,
and an MLflow run with a registered ONNX model on SQLite. No cache, no gates, no ledger, no report page, no Prefect.
It reads the columns, ranges and categories off models/flights/model.yaml, so that both ask for the same.
The last line is JSON: what came out, and the seconds of each stage.
"""

import argparse
import json
import time
from pathlib import Path

STARTED = time.perf_counter()

from benchmarks.bare_train.learning import compare, convert, estimator_of, matrix_of  # noqa: E402
from benchmarks.bare_train.outcome import judge, log, plot  # noqa: E402
from benchmarks.bare_train.table import check, clean, read, split  # noqa: E402


class Stages:
    """Seconds of each stage, by name."""

    def __init__(self):
        self.seconds, self.before = {}, STARTED

    def done(self, name):
        now = time.perf_counter()
        self.seconds[name], self.before = round(now - self.before, 2), now


def main():
    """Train once and print what came out."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="where the MLflow database and files are kept")
    home = parser.parse_args().home
    home.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    spec, frame, dropped = read()
    stages.done("imports and reading")
    check(frame, spec)
    stages.done("checks")
    frame = clean(frame, spec)
    frame.to_parquet(home / "snapshot.parquet", index=False)
    stages.done("cleaning and snapshot")
    train, holdout = split(frame, spec)
    matrix, y = matrix_of(train, spec)
    scored = compare(matrix, y, train["time_hour"].to_numpy(), spec)
    stages.done("cross-validation")
    name = max(scored, key=lambda one: sum(scored[one]))
    fitted = estimator_of(name, spec).fit(matrix, y)
    graph, run = convert(fitted, matrix)
    stages.done("fit and graph")
    answer = judge(fitted, run, holdout, spec)
    paths = plot(answer, scored, home / "plots")
    stages.done("scores and plots")
    version = log(home, name, scored, answer, graph, paths, holdout)
    stages.done("mlflow")
    print(json.dumps({"algorithm": name, "folds": {key: list(value) for key, value in scored.items()},
                      "accuracy": answer["metrics"]["accuracy"], "rows": len(frame), "dropped": dropped,
                      "version": version, "stages": stages.seconds}))


if __name__ == "__main__":
    main()
