"""Gate: what would serve is what was trained."""

import math

from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit, rows_of


def parity_gate(evidence, *, tolerance, max_rows_over=0.0):
    """Judge the ONNX graph against the fitted pipeline.

    No row may change its class, the golden rows must reproduce, and at most the share `max_rows_over` of rows may
    differ by more than `tolerance`. Fails where nothing was compared and on NaN.
    """
    found = evidence.parity
    if found is None or not found.rows:
        return GateResult("parity", None, tolerance, FAIL,
                          "The graph was not compared with the fitted pipeline on any row.")
    problems = _problems(found, tolerance, max_rows_over)
    details = {"rows": found.rows, "rows_over": found.rows_over, "flipped": found.flipped,
               "golden_ok": found.golden_ok, "max_rows_over": max_rows_over}
    if problems:
        sentence = f"The graph does not do what the fitted pipeline does: {'; '.join(problems)}."
        return GateResult("parity", found.max_difference, tolerance, FAIL, sentence, details)
    over = f", {rows_of(found.rows_over)} by more than {as_limit(tolerance)}" if found.rows_over else ""
    sentence = (f"The graph gives the class of the fitted pipeline on all {rows_of(found.rows)}; probabilities differ "
                f"by at most {found.max_difference:.2g}{over}; the golden rows reproduce.")
    return GateResult("parity", found.max_difference, tolerance, PASS, sentence, details)


def _problems(found, tolerance, max_rows_over):
    problems = []
    if not math.isfinite(found.max_difference):
        problems.append("a probability is NaN")
    elif found.max_difference > tolerance and not 0 < found.rows_over <= max_rows_over * found.rows:
        problems.append(f"{rows_of(found.rows_over)} of {found.rows:,} differ by more than {as_limit(tolerance)}, "
                        f"the worst by {found.max_difference:.2g}")
    if found.flipped != 0:
        problems.append(f"{rows_of(found.flipped)} of {found.rows:,} get another class")
    if not found.golden_ok:
        problems.append("the golden rows do not reproduce")
    return problems
