"""Gate: cheap enough to serve."""

from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit


def cost_gate(evidence, *, max_milliseconds, max_megabytes):
    """Judge the median time of one row and the size of the graph; exactly at a limit passes, NaN fails."""
    cost = evidence.cost
    if cost is None:
        return GateResult("cost", None, max_milliseconds, FAIL, "Neither time nor size of the graph was measured.")
    quick, small = cost.milliseconds <= max_milliseconds, cost.megabytes <= max_megabytes
    sentence = (f"One row takes {_measured(cost.milliseconds, 'ms')}, {_compared(cost.milliseconds, quick)} "
                f"{as_limit(max_milliseconds)} ms; the graph has {_measured(cost.megabytes, 'MB')}, "
                f"{_compared(cost.megabytes, small)} {as_limit(max_megabytes)} MB.")
    return GateResult("cost", cost.milliseconds, max_milliseconds, PASS if quick and small else FAIL, sentence,
                      {"megabytes": cost.megabytes, "max_megabytes": max_megabytes})


def _measured(value, unit):
    return f"{value:.3g} {unit}" if value == value else f"an unknown number of {unit}"


def _compared(value, within):
    if value != value:
        return "to be held against"
    return "at most" if within else "over the limit of"
