"""Golden rows: what any faithful copy of a version must answer."""

from datetime import datetime
from pathlib import Path

import numpy

from headgate.bundle.read import read_golden, read_part, read_whole_part
from headgate.errors import BundleBroken
from headgate.rows.times import iso_of

LOOSEST = 0.1       # what the parity gate of a spec may allow at most


def check_golden(folder, scorer=None):
    """Run the bundle's graph on its golden rows; return the largest difference of a probability.

    scorer : the graph, where it is loaded already.
    Raises BundleBroken when it is over the tolerance, not a number, or of another shape.
    """
    from headgate.graph.scorer import Scorer
    golden = expected_answers(folder)
    expected = numpy.asarray(golden["probabilities"], dtype=float)
    scorer = scorer or Scorer(Path(folder) / "model.onnx")
    answered = numpy.asarray(scorer.probabilities(golden_columns(folder)), dtype=float)
    if answered.shape != expected.shape or expected.size == 0:
        raise BundleBroken(f"{folder}: the graph does not answer its golden rows.", value=f"shape {answered.shape}",
                           limit=f"shape {expected.shape}, at least one row")
    difference = float(numpy.max(numpy.abs(answered - expected)))
    if not difference <= golden["tolerance"]:
        raise BundleBroken(f"{folder}: the graph does not reproduce its golden rows.",
                           value=f"a probability is off by {difference:.3g}", limit=golden["tolerance"],
                           remedy="The bundle, or the ONNX runtime here, is not the one that was judged.")
    return difference


def expected_answers(folder):
    """Return golden.json; raise BundleBroken when its tolerance would let through what is no faithful copy."""
    golden = read_whole_part(folder, "golden")
    if not (isinstance(golden["tolerance"], (int, float)) and 0 < golden["tolerance"] <= LOOSEST):
        raise BundleBroken(f"{folder}: golden.json cannot be used.", value=f"tolerance {golden['tolerance']!r}",
                           limit=f"over 0 and at most {LOOSEST}")
    return golden


def golden_columns(folder):
    """Return the golden rows as column arrays: float64 of shape (n,), or text with "" for missing."""
    kinds = {column["name"]: column["kind"] for column in read_part(folder, "spec")["columns"]}
    columns = read_golden(folder)["columns"]
    if set(columns) != set(kinds):
        raise BundleBroken(f"{folder}: golden.json and spec.json list different columns.",
                           value=", ".join(sorted(set(columns) ^ set(kinds))))
    return {name: _array(columns[name], kind) for name, kind in kinds.items()}


def golden_rows(folder, spec):
    """Return the golden rows as a client sends them: a list of dicts that JSON can hold."""
    columns = read_golden(folder)["columns"]
    told = {column.name: [_as_sent(value, column.kind) for value in columns[column.name]] for column in spec.columns}
    return [dict(zip(told, cells)) for cells in zip(*told.values())]


def _as_sent(value, kind):
    if value is None or isinstance(value, str):
        return value
    if kind == "boolean":
        return bool(value)
    return iso_of(value) if kind == "datetime" else value


def _array(values, kind):
    if kind == "category":
        return numpy.array(["" if value is None else str(value) for value in values], dtype=object)
    return numpy.array([_number(value) for value in values], dtype=float)


def _number(value):
    if isinstance(value, str):
        return (datetime.fromisoformat(value) - datetime(1970, 1, 1)).total_seconds()
    return numpy.nan if value is None else value
