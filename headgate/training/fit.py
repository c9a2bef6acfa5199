"""Fit the chosen algorithm on every training row and turn it into one graph, checked against the pipeline."""

import hashlib
import json
import logging
import os
import shutil
import time
from pathlib import Path

import numpy as np

from headgate.graph.parity import compare
from headgate.graph.scorer import Scorer
from headgate.learning.features import load_features
from headgate.learning.pipeline import fit_pipeline
from headgate.spec.gates import ParityGate
from headgate.training.golden import golden_columns, to_json
from headgate.training.table import columns_of
from headgate.training.values import Candidate

log = logging.getLogger(__name__)
LATENCY_CALLS = 200


def fit_candidate(spec, folder, scored, split, destination):
    """Fit, convert, compare and time one algorithm; leave the result in `destination`.

    destination : folder that appears whole or not at all, with model.onnx, probabilities.npy (holdout, k),
    golden.json and candidate.json. Raises GraphError.
    """
    from headgate.graph.convert import build_graph      # half a second, and many a run trains nothing

    features, train = load_features(folder), columns_of(spec, split.train)
    pipeline = fit_pipeline(spec, features, scored.algorithm, scored.parameters, train, split.train_y, spec.seed)
    log.info("%s: fitted on %d rows", scored.algorithm, len(split.train))
    graph = build_graph(pipeline, spec)
    holdout = columns_of(spec, split.holdout)
    facts, probabilities, golden = _measure(spec, pipeline, graph, holdout)
    facts |= {"algorithm": scored.algorithm, "parameters": scored.parameters,
              "training_rows": len(split.train), "holdout_rows": len(split.holdout),
              "majority": int(np.bincount(split.train_y, minlength=len(spec.target.classes)).argmax())}
    _write(destination, graph, probabilities, golden, facts)
    log.info("%s: converted to one graph of %.1f MB", scored.algorithm, len(graph) / 1e6)
    return Candidate(str(destination), hashlib.sha256(graph).hexdigest(), scored.algorithm, scored.parameters,
                     scored.folds, len(split.train), len(split.holdout))


def parity_tolerance(spec):
    """Return the largest difference of a probability that the spec's gate allows."""
    return next((gate.tolerance for gate in spec.all_gates if isinstance(gate, ParityGate)), ParityGate().tolerance)


def _measure(spec, pipeline, graph, holdout):
    tolerance = parity_tolerance(spec)
    scorer = Scorer(graph)
    probabilities = scorer.probabilities(holdout)
    parity = compare(pipeline.probabilities(holdout), probabilities, threshold=spec.target.threshold,
                     tolerance=tolerance)
    golden = golden_columns(spec, holdout, seed=spec.seed)
    expected = pipeline.probabilities(golden)
    golden_ok = bool(np.allclose(scorer.probabilities(golden), expected, rtol=0, atol=tolerance))
    facts = {"parity": {"max_difference": float(parity.max_difference), "rows_over": int(parity.rows_over),
                        "flipped": int(parity.flipped), "rows": int(parity.rows), "golden_ok": golden_ok},
             "cost": {"milliseconds": _latency(scorer, golden), "megabytes": len(graph) / 1e6}}
    return facts, probabilities, to_json(golden, expected, tolerance=tolerance)


def _latency(scorer, columns):
    """Median milliseconds of one row through the graph."""
    row = {name: values[:1] for name, values in columns.items()}
    times = []
    for _ in range(LATENCY_CALLS):
        started = time.perf_counter()
        scorer.probabilities(row)
        times.append(time.perf_counter() - started)
    return float(np.median(times) * 1000)


def _write(destination, graph, probabilities, golden, facts):
    destination = Path(destination)
    draft = destination.with_name(f"{destination.name}.{os.getpid()}.tmp")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    (draft / "model.onnx").write_bytes(graph)
    np.save(draft / "probabilities.npy", probabilities)
    (draft / "golden.json").write_text(json.dumps(golden, sort_keys=True), encoding="utf-8")
    (draft / "candidate.json").write_text(json.dumps(facts, sort_keys=True), encoding="utf-8")
    shutil.rmtree(destination, ignore_errors=True)
    draft.rename(destination)
