"""The candidates of a training, whatever they come as."""

import math


def candidate_rows(candidates):
    """Return candidates as dicts {algorithm, parameters, folds, mean, seconds}, the best mean first.

    candidates : dicts, or objects with these attributes; a mean left out is that of the folds, NaN becomes None.
    """
    rows = [_row(candidate) for candidate in candidates]
    return sorted(rows, key=lambda row: -math.inf if row["mean"] is None else row["mean"], reverse=True)


def _row(candidate):
    read = candidate.get if isinstance(candidate, dict) else lambda name: getattr(candidate, name, None)
    folds = [value for value in map(_finite, read("folds") or ()) if value is not None]
    mean = _finite(read("mean"))
    return {"algorithm": read("algorithm"), "parameters": dict(read("parameters") or {}), "folds": folds,
            "mean": sum(folds) / len(folds) if mean is None and folds else mean, "seconds": _finite(read("seconds"))}


def _finite(value):
    return float(value) if value is not None and math.isfinite(value) else None
