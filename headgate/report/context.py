"""What a model card says: one dict of plain values for the HTML and the Markdown template."""

from headgate.report.candidates import candidate_rows
from headgate.report.words import BANNERS, exact, name_metric, say, say_interval, score, without_secrets

DIGESTS = {"data_digest": "Data digest", "spec_digest": "Spec digest", "features_digest": "Features digest",
           "lock_digest": "Lock file digest"}
LIBRARIES_FIRST = ("scikit-learn", "xgboost", "xgboost-cpu", "onnx", "onnxruntime", "numpy", "pandas")


def card_context(*, spec, lineage, evaluation, verdict, candidates=(), reading=None, champion=None, version=None):
    """Build the context of a model card; see `headgate.report.card.write_model_card` for the arguments."""
    kind, word = BANNERS.get(verdict.get("decision"), ("hold", str(verdict.get("decision"))))
    return {
        "name": spec.name, "description": spec.description, "version": version,
        "banner": {"kind": kind, "word": word, "why": why(verdict), "reasons": reasons(verdict)},
        "tiles": _tiles(evaluation, champion),
        "gates": [_gate(gate) for gate in verdict.get("gates", ())],
        "metrics": metric_rows(evaluation, champion),
        "champion": champion, "classes": class_rows(spec, evaluation),
        "candidates": [_candidate(row, lineage) for row in candidate_rows(candidates)],
        "slices": [_slice(piece) for piece in evaluation["slices"]],
        "data": data_facts(spec, lineage, reading or {}),
        "columns": [_column(column, evaluation["importance"]) for column in spec.columns],
        "training": training_facts(spec, lineage), "parameters": _pairs(lineage.get("parameters")),
        "libraries": _pairs(lineage.get("libraries")),
        "digests": [(title, lineage[name]) for name, title in DIGESTS.items() if lineage.get(name)],
        "limits": limits_of_use(spec, lineage, evaluation),
        "reproduce": _reproduce(spec, lineage, verdict, version),
    }


def why(verdict):
    """Say in a sentence what led to the decision: the verdict's own, or one made from its gates."""
    if verdict.get("sentence"):
        return verdict["sentence"]
    gates = verdict.get("gates", ())
    if not gates:
        return "No gate is declared, and without gates nothing is ever promoted."
    return f"{sum(gate['verdict'] == 'pass' for gate in gates)} of {len(gates)} gates passed."


def reasons(verdict):
    """Return the sentences of the gates that stopped it: of those that failed, else of those that hold."""
    gates = verdict.get("gates", ())
    stopped = [gate for gate in gates if gate["verdict"] == "fail"]
    stopped = stopped or [gate for gate in gates if gate["verdict"] == "hold"]
    return [f"{_gate(gate)['name']}: {gate.get('sentence', '')}" for gate in stopped]


def _tiles(evaluation, champion):
    metrics = evaluation["metrics"]
    around = f", 95\u00a0% between {' and '.join(map(score, evaluation['interval']))}" if evaluation["interval"] else ""
    tiles = [(score(metrics.get("accuracy")), f"accuracy on the holdout{around}"),
             (score(metrics.get("roc_auc")), "ROC AUC"), (say(evaluation["rows"]), "holdout rows")]
    if champion:
        theirs = (champion.get("metrics") or {}).get("accuracy")
        tiles.insert(1, (score(theirs), f"accuracy of the champion (version {champion['version']})"))
    return tiles


def _gate(gate):
    return {"name": str(gate["name"]).replace("_", " "), "observed": say(gate.get("observed")),
            "limit": say(gate.get("limit")), "verdict": gate["verdict"], "sentence": gate.get("sentence", "")}


def metric_rows(evaluation, champion):
    """Return [name, value, 95 % interval, champion's value] per metric."""
    theirs = (champion or {}).get("metrics") or {}
    intervals = {"accuracy": evaluation["interval"], **evaluation.get("intervals", {})}
    return [[name_metric(name), score(value), say_interval(intervals.get(name)), score(theirs.get(name))]
            for name, value in evaluation["metrics"].items()]


def class_rows(spec, evaluation):
    """Return [class, rows, recall, precision] per class, read off the confusion matrix."""
    matrix, rows = evaluation["confusion"], []
    for index, name in enumerate(evaluation["classes"]):
        right, true, said = matrix[index][index], sum(matrix[index]), sum(row[index] for row in matrix)
        label = spec.target.labels.get(name)
        rows.append([f"{name} ({label})" if label else name, say(true), score(right / true if true else None),
                     score(right / said if said else None)])
    return rows


def _candidate(row, lineage):
    chosen = row["algorithm"] == lineage.get("algorithm")
    return {"algorithm": row["algorithm"], "chosen": chosen, "parameters": exact(row["parameters"]),
            "mean": score(row["mean"]), "folds": ", ".join(map(score, row["folds"])) or "–",
            "seconds": "–" if row["seconds"] is None else f"{row['seconds']:.1f}"}


def _slice(piece):
    return [piece["column"], piece["value"] if piece["value"] != "" else "missing", say(piece["rows"]),
            score(piece["accuracy"]), say_interval(piece["interval"]), say(piece.get("floor"))]


def data_facts(spec, lineage, reading):
    """Return (name, value) pairs: what was read, what was left out and why, what trained and what judged."""
    facts = [("Source", without_secrets(reading["source"]) if reading.get("source") else None),
             ("Rows read", reading.get("rows_read"))]
    facts += [(f"Left out by rule: {reason}", count) for reason, count in (reading.get("dropped") or {}).items()]
    facts += [("Removed by cleaning", reading.get("removed")),
              ("Training rows", reading.get("training_rows", lineage.get("training_rows"))),
              ("Holdout rows", reading.get("holdout_rows", lineage.get("holdout_rows"))),
              ("As of", lineage.get("as_of")), ("Time column", spec.data.time_column),
              ("Holdout", lineage.get("holdout"))]
    return [(name, exact(value) if name == "Holdout" else say(value)) for name, value in facts if value is not None]


def _column(column, importance):
    allowed = say(column.categories) if column.categories else " to ".join(map(say, column.range or ())) or "any"
    return [column.name, column.kind, column.unit or "", allowed, "yes" if column.nullable else "no",
            column.description, score(importance.get(column.name))]


def training_facts(spec, lineage):
    """Return (name, value) pairs about the fit."""
    facts = [("Algorithm", lineage.get("algorithm")), ("Seed", lineage.get("seed", spec.seed)),
             ("Threshold", spec.target.threshold if spec.binary else None), ("Python", lineage.get("python")),
             ("Git commit", lineage.get("git_commit"))]
    return [(name, exact(value)) for name, value in facts if value is not None]


def _pairs(mapping):
    def place(pair):
        first = pair[0] in LIBRARIES_FIRST
        return (not first, LIBRARIES_FIRST.index(pair[0]) if first else 0, str(pair[0]))

    return [(str(name), exact(value)) for name, value in sorted((mapping or {}).items(), key=place)]


def limits_of_use(spec, lineage, evaluation):
    """Return sentences on what this model is not for."""
    classes = ", ".join(spec.target.labels.get(name, name) for name in spec.target.classes)
    sentences = [f"It sorts one row into one of {len(spec.target.classes)} classes ({classes}) and does nothing else: "
                 "no quantities, no ranking across rows, no causes."]
    if lineage.get("as_of"):
        sentences.append(f"It has seen nothing from {lineage['as_of']} on; what changed since then it does not know.")
    if any(column.range or column.categories for column in spec.columns):
        sentences.append("It was judged only within the ranges and categories of the columns table.")
    tolerant = [column.name for column in spec.columns if column.unknown == "treat_as_unknown"]
    if tolerant:
        sentences.append(f"A category never listed is scored as unknown in: {', '.join(tolerant)}.")
    return [*sentences, *_where_it_is_weak(evaluation)]


def _where_it_is_weak(evaluation):
    known = [piece for piece in evaluation["slices"] if piece["accuracy"] is not None]
    if known:
        weakest = min(known, key=lambda piece: piece["accuracy"])
        yield (f"It is weakest where {weakest['column']} is {weakest['value'] or 'missing'}: accuracy "
               f"{score(weakest['accuracy'])} on {say(weakest['rows'])} rows.")
    undefined = [name_metric(name) for name, value in evaluation["metrics"].items() if value is None]
    if undefined:
        yield f"Not defined on this holdout, and so unknown: {', '.join(undefined)}."


def _reproduce(spec, lineage, verdict, version):
    if verdict.get("decision") == "reject":
        as_of = f" --as-of {lineage['as_of']}" if lineage.get("as_of") else ""
        return {"command": f"python -m flows.train --model {spec.name}{as_of} --force",
                "note": "Nothing was registered under this verdict, so there is no version to name: train it again."}
    shown = version if version is not None else "VERSION"
    return {"command": f"python -m headgate reproduce {spec.name} --version {shown}",
            "note": "" if version is not None else f"VERSION is the number the registry gave; python -m headgate show "
                                                   f"{spec.name} lists them."}
