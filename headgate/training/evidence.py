"""Gather what the gates look at: the candidate on the holdout, and the champion on the rows it never trained on."""

import json

import numpy as np

from headgate.bundle.read import read_lineage, read_spec
from headgate.data import HoldoutRule, to_columns
from headgate.gates import ChampionEvidence, CostEvidence, Evidence, ParityEvidence
from headgate.graph.scorer import Scorer, classes
from headgate.spec.gates import BaselineGate


def gather(spec, candidate, split, champion, *, elsewhere=False):
    """Return the Evidence of `candidate`, paired with `champion` (a ChampionBundle) or None.

    elsewhere : there may be a champion, which was not asked.
    """
    facts = json.loads((candidate.folder / "candidate.json").read_text(encoding="utf-8"))
    return Evidence(
        y=split.holdout_y,
        probabilities=np.load(candidate.folder / "probabilities.npy"),
        classes=tuple(spec.target.classes),
        threshold=spec.target.threshold,
        folds=candidate.folds,
        majority=facts["majority"],
        rule_predictions=_rule(spec, split.holdout),
        slices=slice_labels(spec, split.holdout),
        champion=champion_evidence(spec, split, champion) if champion else None,
        champion_elsewhere=elsewhere,
        parity=ParityEvidence(**facts["parity"]),
        cost=CostEvidence(**facts["cost"]),
    )


def slice_labels(spec, frame):
    """Return column -> (text label of each row, floor or None) for every declared slice."""
    return {piece.column: (_labels(spec.column(piece.column), frame[piece.column]), piece.at_least)
            for piece in spec.slices}


def _labels(column, values):
    if column.kind == "boolean":
        return np.where(values.isna(), "missing", np.where(values == 1, "true", "false")).astype(str)
    return values.fillna("missing").to_numpy(dtype=str)


def _rule(spec, frame):
    rule = next((gate.rule for gate in spec.all_gates if isinstance(gate, BaselineGate)), None)
    if rule is None:
        return None
    return (frame[rule.column].to_numpy(dtype=float) >= rule.at_least).astype(np.int64)


def champion_evidence(spec, split, champion):
    """Score the champion on the holdout rows it never trained on.

    champion : ChampionBundle. One that is broken or cannot score today's columns is evidence too: `unavailable` says
    why.
    """
    reason = champion.broken or _cannot_score(spec, champion.folder)
    if reason:
        return ChampionEvidence(predictions=np.empty(0, dtype=np.int64), rows=np.zeros(len(split.holdout), bool),
                                version=champion.version, unavailable=reason)
    rule = HoldoutRule.from_dict(read_lineage(champion.folder)["holdout"])
    rows = rule.unseen_mask(split.holdout, spec)
    theirs = read_spec(champion.folder)
    scorer = Scorer(champion.folder / "model.onnx")
    probabilities = scorer.probabilities(to_columns(split.holdout[rows], theirs))
    order = np.array([spec.target.classes.index(name) for name in theirs.target.classes], dtype=np.int64)
    return ChampionEvidence(predictions=order[classes(probabilities, theirs.target.threshold)], rows=rows,
                            version=champion.version, probabilities=probabilities[:, np.argsort(order)])


def _cannot_score(spec, folder):
    theirs = read_spec(folder)
    kinds = {column.name: column.kind for column in spec.columns}
    for column in theirs.columns:
        if column.name not in kinds:
            return f"the champion needs column {column.name!r}, which the spec no longer lists"
        if kinds[column.name] != column.kind:
            return f"column {column.name!r} was {column.kind} for the champion and is {kinds[column.name]} now"
    if set(theirs.target.classes) != set(spec.target.classes):
        return f"the champion knows the classes {theirs.target.classes}, the spec has {spec.target.classes}"
    if theirs.target.derive != spec.target.derive or theirs.target.column != spec.target.column:
        return "the champion was trained for another target"
    return None
