"""What a gate says, and what all of them say together."""

import math
from dataclasses import dataclass, field

PASS, HOLD, FAIL = "pass", "hold", "fail"
PROMOTE, REJECT = "promote", "reject"


def plain(value):
    """Return `value` as JSON knows it: numpy to Python, tuples to lists, NaN and infinities to None."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


@dataclass(frozen=True)
class GateResult:
    """The outcome of one gate.

    name : the gate, or the metric it judges.
    observed : the number judged; None where it could not be computed.
    limit : what it was held against; None where there was nothing to hold it against.
    verdict : "pass", "hold" (the data cannot tell) or "fail".
    sentence : the same in words.
    details : the numbers behind it, as JSON knows them.
    """

    name: str
    observed: float | None
    limit: float | None
    verdict: str
    sentence: str
    details: dict = field(default_factory=dict, hash=False)

    def __post_init__(self):
        for name in ("observed", "limit", "details"):
            object.__setattr__(self, name, plain(getattr(self, name)))

    def to_dict(self):
        """Return the fields as JSON knows them."""
        return {"name": self.name, "observed": self.observed, "limit": self.limit, "verdict": self.verdict,
                "sentence": self.sentence, "details": plain(self.details)}

    @classmethod
    def from_dict(cls, document):
        """Make one from what `to_dict` returned; later additions to the format are ignored."""
        return cls(document["name"], document["observed"], document["limit"], document["verdict"],
                   document["sentence"], document.get("details", {}))


@dataclass(frozen=True)
class Verdict:
    """The decision over all gates.

    decision : "promote", "hold" or "reject".
    gates : one GateResult per gate, in the order they ran.
    """

    decision: str
    gates: tuple[GateResult, ...] = ()

    @classmethod
    def over(cls, gates):
        """Decide: reject if any gate failed, else hold if any holds or there is none, else promote."""
        outcomes = {gate.verdict for gate in gates}
        if not outcomes <= {PASS, HOLD} and FAIL not in outcomes:
            raise ValueError(f"a gate says pass, hold or fail, not {sorted(outcomes - {PASS, HOLD})}")
        if FAIL in outcomes:
            return cls(REJECT, tuple(gates))
        return cls(PROMOTE if outcomes == {PASS} else HOLD, tuple(gates))

    @property
    def sentence(self):
        """The decision and what led to it, in words."""
        if not self.gates:
            return "Held: the spec lists no gates, and without a gate nothing is ever promoted."
        if self.decision == PROMOTE:
            return f"Passed all {len(self.gates)} gates." if len(self.gates) > 1 else "Passed the only gate."
        cause = FAIL if self.decision == REJECT else HOLD
        word = "Rejected" if self.decision == REJECT else "Held"
        names = ", ".join(gate.name for gate in self.gates if gate.verdict == cause)
        passed = sum(gate.verdict == PASS for gate in self.gates)
        return f"{word} by {names} ({passed} of {len(self.gates)} gates passed)."

    def to_dict(self):
        """Return decision, sentence and gates as JSON knows them."""
        return {"decision": self.decision, "sentence": self.sentence, "gates": [gate.to_dict() for gate in self.gates]}

    @classmethod
    def from_dict(cls, document):
        """Make one from what `to_dict` returned."""
        return cls(document["decision"], tuple(GateResult.from_dict(gate) for gate in document["gates"]))
