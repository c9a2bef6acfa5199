"""What is written about a candidate: parameters, metrics and tags, read off its bundle. Knows no registry."""

import json
import math
import re
from pathlib import Path

from headgate.bundle.canonical import canonical_json
from headgate.registry.values import DECISION, DIGEST

_LONGEST = 5000


def parameters_of(folder, details):
    """Return parameter name -> text."""
    lineage = _part(folder, "lineage")
    named = {name: lineage.get(name) for name in ("algorithm", "seed", "as_of", "training_rows", "holdout_rows")}
    fitted = {f"{lineage.get('algorithm')}.{name}": value for name, value in (lineage.get("parameters") or {}).items()}
    return {_key(name): str(value)[:_LONGEST] for name, value in {**named, **fitted, **details.parameters}.items()
            if value is not None}


def metrics_of(folder, details):
    """Return metric name -> finite number."""
    evaluation, gates = _part(folder, "evaluation"), _part(folder, "gates")
    found = dict(evaluation.get("metrics") or {})
    low_high = evaluation.get("interval") or ()
    found |= dict(zip(("accuracy_low", "accuracy_high"), low_high))
    found |= {f"importance.{name}": value for name, value in (evaluation.get("importance") or {}).items()}
    found |= {f"slice.{one.get('column')}.{one.get('value')}.accuracy": one.get("accuracy")
              for one in evaluation.get("slices") or ()}
    found |= {f"gate.{one['name']}": one.get("observed") for one in gates.get("gates") or ()}
    return {_key(name): float(value) for name, value in {**found, **details.metrics}.items() if _finite(value)}


def folds_of(folder):
    """Return the accuracy of each cross-validation fold."""
    return [float(value) for value in _part(folder, "evaluation").get("folds") or () if _finite(value)]


def run_tags(folder, details):
    """Return tags of the MLflow run: where everything came from."""
    lineage = _part(folder, "lineage")
    own = {f"headgate.{name}": lineage.get(name)
           for name in ("spec_digest", "features_digest", "data_digest", "lock_digest", "git_commit", "python")}
    own["headgate.libraries"] = canonical_json(lineage.get("libraries") or {})
    own[DECISION] = _part(folder, "gates").get("decision")
    return {name: str(value)[:_LONGEST] for name, value in {**own, **details.tags}.items() if value is not None}


def version_tags(folder, digest):
    """Return tags of the model version: enough to show it without opening its bundle."""
    lineage, gates = _part(folder, "lineage"), _part(folder, "gates")
    metrics = {name: value for name, value in (_part(folder, "evaluation").get("metrics") or {}).items()
               if _finite(value)}
    verdicts = {one["name"]: one["verdict"] for one in gates.get("gates") or ()}
    own = {DIGEST: digest, DECISION: gates.get("decision"), "headgate.metrics": canonical_json(metrics),
           "headgate.gates": canonical_json(verdicts)}
    own |= {f"headgate.{name}": lineage.get(name) for name in ("algorithm", "as_of", "spec_digest", "data_digest",
                                                               "git_commit")}
    return {name: str(value)[:_LONGEST] for name, value in own.items() if value is not None}


def ledger_body(folder):
    """Return what the ledger keeps of a candidate: digests, metrics and what every gate saw and said."""
    lineage, gates = _part(folder, "lineage"), _part(folder, "gates")
    return {"decision": gates.get("decision"), "metrics": _part(folder, "evaluation").get("metrics") or {},
            "gates": [{name: one.get(name) for name in ("name", "verdict", "observed", "limit", "sentence")}
                      for one in gates.get("gates") or ()],
            **{name: lineage.get(name) for name in ("algorithm", "spec_digest", "features_digest", "data_digest",
                                                    "git_commit", "lock_digest", "as_of", "prediction_log")}}


def dataset_of(folder, details):
    """Return (name, digest, source) of the data the candidate was made from, or None."""
    lineage = _part(folder, "lineage")
    if not lineage.get("data_digest"):
        return None
    return f"{lineage.get('model')} as of {lineage.get('as_of')}", lineage["data_digest"], details.dataset


def _part(folder, name):
    path = Path(folder) / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _finite(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _key(name):
    return re.sub(r"[^\w\-. /]", "_", name)[:250]
