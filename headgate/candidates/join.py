"""Put together what several machines trained, and choose as one training would have: by cross-validation."""

from dataclasses import dataclass

from headgate.candidates.kept import Result
from headgate.candidates.missing import Missing
from headgate.errors import CandidatesDiffer

OUTCOMES = {"promote": "passed", "hold": "held", "reject": "rejected"}


@dataclass(frozen=True)
class Joined:
    """What came of one model. best : the Result chosen. results : all, the best first.

    outcome : passed, held or rejected.
    """

    model: str
    best: Result
    results: tuple

    @property
    def outcome(self):
        return OUTCOMES[self.best.decision]

    @property
    def sentence(self):
        chosen = f"{self.best.algorithm} has the best cross-validation of {len(self.results)}. " \
            if len(self.results) > 1 and self.best.bundle else ""
        return chosen + (self.best.summary.get("sentence") or "")

    def to_dict(self):
        """Return what later steps ask: who is best, by digest, and what its gates said."""
        return {"model": self.model, "outcome": self.outcome, "algorithm": self.best.algorithm,
                "digest": self.best.digest, "sentence": self.sentence, "accuracy": self.best.summary.get("accuracy"),
                "candidates": [{"algorithm": one.algorithm, "mean": one.mean, "decision": one.decision,
                                "digest": one.digest} for one in self.results]}


def join(results, expected=(), broken=()):
    """Return (a Joined of each model with a result, a Missing of each without), both in order of their names.

    expected : {"model", "algorithm"} of each training that was begun. A model has a result when all of them left one,
        as a training of them all would have.
    broken : (model, why) of each result that cannot be used.
    """
    names = {one.model for one in results} | {one["model"] for one in expected} | {model for model, _ in broken}
    found = [_join(name, [one for one in results if one.model == name],
                   [one["algorithm"] for one in expected if one["model"] == name],
                   [why for model, why in broken if model == name]) for name in sorted(names)]
    return (tuple(one for one in found if isinstance(one, Joined)),
            tuple(one for one in found if isinstance(one, Missing)))


def _join(model, results, expected, broken):
    if broken or len(results) < max(len(expected), 1) or expected and len(results) > len(expected):
        return _missing(model, results, expected, broken)
    made = [one for one in results if one.bundle]
    try:
        for one in made[1:]:
            _check_like(made[0], one)
    except CandidatesDiffer as error:
        return Missing(model=model, sentence=str(error))
    ranked = sorted(results, key=lambda one: (one.bundle is None, one.mean), reverse=True)  # a refused table first
    return Joined(model, ranked[0], tuple(ranked))


def _missing(model, results, expected, broken):
    short, there = len(expected) - len(results), {one.algorithm for one in results}
    absent = tuple(name for name in expected if name not in there)
    absent = absent if len(absent) == short else ()     # where data was rejected, a result has no algorithm
    said = [f"{short} of {len(expected)} trainings left no result that can be used"
            f"{': ' if absent else ''}{', '.join(absent)}."] if short > 0 else []
    said += [f"There are {len(results)} results of {len(expected)} trainings."] if expected and short < 0 else []
    return Missing(model=model, algorithms=absent, sentence=" ".join([*said, *broken]))


def _check_like(first, other):
    for name, value in first.like.items():
        if other.like[name] != value:
            raise CandidatesDiffer(f"The candidates of {first.model!r} cannot be compared: {name} differs.",
                                   value=f"{other.algorithm}: {other.like[name]}",
                                   limit=f"{first.algorithm}: {value}", remedy="Train them on the same state.")
