"""Run every gate and decide."""

from headgate.errors import HeadgateError
from headgate.gates.accuracy import accuracy_gate
from headgate.gates.baseline import baseline_gate
from headgate.gates.calibration import calibration_gate
from headgate.gates.champion import champion_gate
from headgate.gates.cost import cost_gate
from headgate.gates.cross_validation import cross_validation_gate
from headgate.gates.parity import parity_gate
from headgate.gates.result import Verdict
from headgate.gates.slices import slices_gate

DEFAULT_FLOOR = 0.90

# The `gate` of a spec's entry -> who judges it, and which of the entry's limits it takes.
GATES = {
    "accuracy": (accuracy_gate, ("metric", "at_least", "at_most")),
    "metric": (accuracy_gate, ("metric", "at_least", "at_most")),
    "cross_validation": (cross_validation_gate, ("margin", "max_spread")),
    "baseline": (baseline_gate, ("rule",)),
    "champion": (champion_gate, ("margin",)),
    "slices": (slices_gate, ("at_least", "small_under")),
    "calibration": (calibration_gate, ("at_most",)),
    "parity": (parity_gate, ("tolerance", "max_rows_over")),
    "cost": (cost_gate, ("max_milliseconds", "max_megabytes")),
}


def judge(evidence, gates):
    """Return the Verdict of all `gates` (`spec.all_gates`) over the evidence.

    Every gate runs, even after one fails. No gates at all: hold. NaN, an empty holdout, a single class and missing
    evidence are outcomes of gates, not errors. Raises HeadgateError for a gate that nothing here judges.
    """
    return Verdict.over([_run(gate, evidence, gates) for gate in gates])


def _run(gate, evidence, gates):
    if gate.gate not in GATES:
        raise HeadgateError("No gate of that name can be run.", value=gate.gate, limit=", ".join(GATES))
    function, names = GATES[gate.gate]
    limits = {name: getattr(gate, name) for name in names}
    if gate.gate == "cross_validation":
        limits["floor"] = _accuracy_floor(gates)
    return function(evidence, **limits)


def _accuracy_floor(gates):
    """The floor that the spec states for accuracy: the highest, should it state several."""
    floors = [gate.at_least for gate in gates if getattr(gate, "metric", None) == "accuracy"]
    return max(floors, default=DEFAULT_FLOOR)
