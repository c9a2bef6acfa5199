"""Evaluate a candidate on the holdout and judge it by every gate."""

from dataclasses import dataclass
from pathlib import Path

from headgate.bundle.read import read_evaluation
from headgate.evaluation import evaluate
from headgate.gates import judge
from headgate.graph.scorer import Scorer
from headgate.learning.importance import importance
from headgate.spec.gates import SlicesGate
from headgate.training.evidence import gather
from headgate.training.table import columns_of


@dataclass(frozen=True)
class ChampionBundle:
    """The champion as the judging step sees it: its version, the digest of its bundle, and where that lies."""

    version: str
    digest: str
    uri: str

    @property
    def folder(self):
        return Path(self.uri)


def judge_candidate(spec, candidate, split, champion):
    """Return (Verdict, evaluation document) of a Candidate on the holdout of `split`.

    champion : ChampionBundle or None.
    """
    evidence = gather(spec, candidate, split, champion)
    verdict = judge(evidence, spec.all_gates)
    scorer = Scorer(candidate.folder / "model.onnx")
    weights = importance(scorer, columns_of(spec, split.holdout), split.holdout_y, spec.seed)
    evaluation = evaluate(evidence.y, evidence.probabilities, spec.target.classes, threshold=spec.target.threshold,
                          slices=_with_floors(spec, evidence.slices), folds=candidate.folds, importance=weights)
    return verdict, evaluation.to_dict()


def _with_floors(spec, slices):
    """Fill in the gate's own floor where a slice names none."""
    floor = next((gate.at_least for gate in spec.all_gates if isinstance(gate, SlicesGate)), None)
    return {column: (labels, floor if own is None else own) for column, (labels, own) in slices.items()}


def champion_facts(champion):
    """Return what the model card shows beside the candidate's metrics, or None without a champion."""
    if champion is None:
        return None
    return {"version": champion.version, "metrics": read_evaluation(champion.folder)["metrics"],
            "note": "as measured on the champion's own holdout"}
