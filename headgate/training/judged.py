"""Evaluate a candidate on the holdout and judge it by every gate."""

from dataclasses import dataclass
from pathlib import Path

from headgate.bundle.read import read_evaluation
from headgate.evaluation import evaluate, scores
from headgate.gates import judge
from headgate.gates.metrics import confusion
from headgate.graph.scorer import Scorer
from headgate.learning.importance import importance
from headgate.spec.gates import SlicesGate
from headgate.training.evidence import gather
from headgate.training.table import columns_of


@dataclass(frozen=True)
class ChampionBundle:
    """The champion as the judging step sees it.

    version, digest, uri : its number, the digest of its bundle, and where that lies. broken : why its files are not
    those of that digest any more, or "".
    """

    version: str
    digest: str
    uri: str
    broken: str = ""

    @property
    def folder(self):
        return Path(self.uri)

    @property
    def reference(self):
        """Path of the sample of its training rows, or None when it is broken."""
        return None if self.broken else str(self.folder / "reference.parquet")


def judge_candidate(spec, candidate, split, champion, *, elsewhere=False):
    """Return (Verdict, evaluation document, what a reader is told of the champion) of a Candidate on the holdout.

    champion : ChampionBundle or None. elsewhere : there may be one, which was not asked.
    """
    evidence = gather(spec, candidate, split, champion, elsewhere=elsewhere)
    verdict = judge(evidence, spec.all_gates)
    scorer = Scorer(candidate.folder / "model.onnx")
    weights = importance(scorer, columns_of(spec, split.holdout), split.holdout_y, spec.seed)
    evaluation = evaluate(evidence.y, evidence.probabilities, spec.target.classes, threshold=spec.target.threshold,
                          slices=_with_floors(spec, evidence.slices), folds=candidate.folds, importance=weights)
    return verdict, evaluation.to_dict(), champion_facts(champion, evidence)


def _with_floors(spec, slices):
    """Fill in the gate's own floor where a slice names none."""
    floor = next((gate.at_least for gate in spec.all_gates if isinstance(gate, SlicesGate)), None)
    return {column: (labels, floor if own is None else own) for column, (labels, own) in slices.items()}


def champion_facts(champion, evidence):
    """Return what a reader sees beside the candidate's metrics, or None without a champion.

    On the same rows where the champion can be measured on them; else what its own holdout said. `changed` counts
    those rows whose predicted class is another one, and `moves` from which class to which.
    """
    if champion is None:
        return None
    theirs, paired = evidence.champion, evidence.champion.rows
    facts = {"version": champion.version, "digest": champion.digest, "rows": 0, "changed": None, "moves": []}
    if theirs.unavailable is None and paired.any():
        metrics = scores(evidence.y[paired], theirs.probabilities, theirs.predictions)
        note = f"on the {paired.sum():,} rows of this holdout that the champion never trained on"
        ours = evidence.predicted[paired]
        return {**facts, "metrics": metrics, "note": note, "rows": int(paired.sum()),
                "changed": int((theirs.predictions != ours).sum()),
                "moves": _moves(evidence.classes, theirs.predictions, ours)}
    metrics = {} if champion.broken else read_evaluation(champion.folder)["metrics"]
    return {**facts, "metrics": metrics, "note": "as measured on the champion's own holdout"}


def _moves(classes, before, now):
    """Return {"from", "to", "rows"} of the rows that got another class, the commonest first; NaN is no class."""
    known = (before >= 0) & (now >= 0)
    counts = confusion(before[known], now[known], len(classes))
    return sorted(({"from": classes[old], "to": classes[new], "rows": int(counts[old, new])}
                   for old in range(len(classes)) for new in range(len(classes)) if old != new and counts[old, new]),
                  key=lambda move: -move["rows"])
