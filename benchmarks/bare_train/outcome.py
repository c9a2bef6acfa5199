"""Scores, plots and the MLflow run of what was fitted."""

from benchmarks.bare_train.learning import SEED, feature_names, matrix_of

PASSES, IMPORTANCE_ROWS, LATENCY_CALLS = 3, 5000, 200


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
