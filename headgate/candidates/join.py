"""Put together what several machines trained, and choose as one training would have: by cross-validation."""

from dataclasses import dataclass

from headgate.candidates.kept import Result
from headgate.errors import CandidatesDiffer, CandidatesMissing

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


def join(results, expected=()):
    """Return a Joined per model, in order of their names.

    expected : {"model", "algorithm"} of each training that was begun.
    Raises CandidatesMissing when one of them left nothing, CandidatesDiffer when two of one model were trained or
    judged on something different.
    """
    _check_all(results, expected)
    names = sorted({one.model for one in results})
    return tuple(_join(name, [one for one in results if one.model == name]) for name in names)


def _join(model, results):
    made = [one for one in results if one.bundle]
    for one in made[1:]:
        _check_like(made[0], one)
    ranked = sorted(results, key=lambda one: (one.bundle is None, one.mean), reverse=True)  # a refused table first
    return Joined(model, ranked[0], tuple(ranked))


def _check_all(results, expected):
    there = [one.model for one in results]
    missing = [f"{one['model']} ({one['algorithm']})" for one in expected
               if there.count(one["model"]) < sum(other["model"] == one["model"] for other in expected)]
    if missing or not results:
        raise CandidatesMissing("Not every training left a result.", value=f"{len(results)} results",
                                limit=f"{len(expected)}: {', '.join(missing)}" if missing else "at least one",
                                remedy="Look at the log of the training that could not run.")


def _check_like(first, other):
    for name, value in first.like.items():
        if other.like[name] != value:
            raise CandidatesDiffer(f"The candidates of {first.model!r} cannot be compared: {name} differs.",
                                   value=f"{other.algorithm}: {other.like[name]}",
                                   limit=f"{first.algorithm}: {value}", remedy="Train them on the same state.")
