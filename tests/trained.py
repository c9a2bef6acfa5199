"""Train small models without a flow and seal them as bundles: what the gates would say is not asked here."""

import json
from pathlib import Path

import numpy as np

from headgate.bundle import seal
from headgate.data import clean, coerce, to_columns
from headgate.graph.convert import build_graph
from headgate.learning.pipeline import fit_pipeline
from headgate.training.golden import golden_columns, to_json
from headgate.training.table import class_index

SMALL = {"hist_gradient_boosting": {"max_iter": 20}, "random_forest": {"n_estimators": 20},
         "logistic_regression": {}, "xgboost": {"n_estimators": 20}, "neural_net": {}}
TOLERANCE = 1e-4


def train(spec, features, table, algorithm, *, more_golden=()):
    """Return (fitted pipeline, raw columns of its golden rows).

    features : Features or None. more_golden : dicts of column -> value, each a change of the first golden row.
    """
    frame = clean(coerce(table, spec).frame, spec, check_limit=False).frame
    columns = to_columns(frame, spec)
    pipeline = fit_pipeline(spec, features, algorithm, SMALL[algorithm], columns, class_index(spec, frame), 0)
    golden = golden_columns(spec, columns, seed=0)
    for changes in more_golden:
        golden = {name: np.append(values, np.array([changes.get(name, values[0])], dtype=values.dtype))
                  for name, values in golden.items()}
    return pipeline, golden


def write(folder, pipeline, golden, *, tolerance=TOLERANCE):
    """Seal the bundle of a fitted pipeline into the new `folder`, the pipeline's own answers as golden; return it."""
    folder, spec = Path(folder), pipeline.spec
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(build_graph(pipeline, spec))
    parts = {"spec": spec.model_dump(mode="json"), "lineage": lineage(pipeline),
             "golden": to_json(golden, pipeline.probabilities(golden), tolerance=tolerance),
             "evaluation": {"metrics": {"accuracy": 0.93, "roc_auc": None}, "interval": [0.9, 0.95]},
             "gates": {"decision": "promote", "gates": [{"name": "accuracy", "observed": 0.93, "limit": 0.9,
                                                         "verdict": "pass", "sentence": "As it should be."}]}}
    for name, part in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(part), encoding="utf-8")
    seal(folder, spec.name)
    return folder


def lineage(pipeline):
    """Return a whole lineage.json; nothing in it is looked at when a version serves."""
    return {"model": pipeline.spec.name, "algorithm": pipeline.algorithm, "parameters": pipeline.parameters, "seed": 0,
            "folds": [0.91, 0.93], "spec_digest": "5" * 64, "data_digest": "d" * 64, "as_of": "2026-01-01",
            "git_commit": "c" * 40, "training_rows": 480, "holdout_rows": 120, "libraries": {"numpy": "2"},
            "python": "3.11", "platform": "Linux", "lock_digest": "1" * 64, "data": None,
            "source_fingerprint": "f" * 64, "holdout": {"share": 0.2}}
