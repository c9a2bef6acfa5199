"""Gate: no declared slice of the rows is served badly behind a good average."""

import numpy as np

from headgate.gates.intervals import exact, wilson
from headgate.gates.result import FAIL, PASS, GateResult
from headgate.gates.wording import as_limit, rows_of, shown

MISSING = "(missing)"


def slices_gate(evidence, *, at_least, small_under=500):
    """Judge the accuracy of each value of each declared column against its floor, or `at_least` if it has none.

    A slice with `small_under` rows or more fails when its accuracy is under the floor; a smaller one only when its
    95 % interval is too (the exact one: Wilson's would fail a slice for a single wrong row). Missing values are a
    slice. Passes where none is declared, fails without rows.
    """
    if not evidence.slices:
        return GateResult("slices", None, at_least, PASS, "The spec declares no slices.")
    if not len(evidence.y):
        return GateResult("slices", None, at_least, FAIL, "No slice can be judged: the holdout has no rows.")
    judged = [_judge(column, value, evidence.right[inside], at_least if floor is None else floor, small_under)
              for column, (labels, floor) in evidence.slices.items() for value, inside in _values(labels)]
    worst = min(judged, key=lambda piece: piece["accuracy"] - piece["floor"])
    failed = any(piece["verdict"] == FAIL for piece in judged)
    return GateResult("slices", worst["accuracy"], worst["floor"], FAIL if failed else PASS, _sentence(judged, worst),
                      {"slices": judged})


def _values(labels):
    """Give each value as text, with the rows that have it, in order of the text."""
    text = np.array([_as_text(label) for label in np.asarray(labels).tolist()], dtype=object)
    return [(str(value), text == value) for value in sorted(set(text))]


def _as_text(label):
    if label is None or label != label or label == "":
        return MISSING
    return str(label)


def _judge(column, value, right, floor, small_under):
    rows, accuracy = len(right), float(right.mean())
    small = rows < small_under
    low, high = (exact if small else wilson)(int(right.sum()), rows)
    under = accuracy < floor
    fails = under and (not small or high < floor)
    return {"column": column, "value": value, "rows": rows, "accuracy": accuracy, "interval": [low, high],
            "floor": floor, "verdict": FAIL if fails else PASS, "unclear": under and not fails}


def _sentence(judged, worst):
    failed = [piece for piece in judged if piece["verdict"] == FAIL]
    unclear = [piece for piece in judged if piece["unclear"]]
    if failed:
        return f"Under their floor: {_listed(failed)}."
    if unclear:
        return (f"No slice is shown to be under its floor, but too few rows to tell: {_listed(unclear)}.")
    return f"All {len(judged)} slices reach their floor; the lowest is {_described(worst)}."


def _listed(pieces, most=3):
    more = f" and {len(pieces) - most} more" if len(pieces) > most else ""
    return "; ".join(_described(piece) for piece in pieces[:most]) + more


def _described(piece):
    low, high = piece["interval"]
    return (f"{piece['column']}={piece['value']} with {shown(piece['accuracy'], piece['floor'])} on "
            f"{rows_of(piece['rows'])} (95 % interval {shown(low)} to {shown(high)}, floor {as_limit(piece['floor'])})")
