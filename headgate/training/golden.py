"""Golden rows: a few dozen raw rows, the edges among them, with the probabilities every server must reproduce."""

import numpy as np

ORDINARY, PER_EDGE, SLICES = 24, 2, 12


def golden_columns(spec, columns, *, seed):
    """Pick raw rows: a seeded sample; per column a null, an unseen category and the ends of its range; each slice.

    columns : dict of name to array (n,). Returns the same with at most a few dozen rows.
    """
    rows = len(next(iter(columns.values())))
    chosen = np.random.default_rng(seed).choice(rows, size=min(ORDINARY, rows), replace=False)
    golden = {name: values[np.sort(chosen)].copy() for name, values in columns.items()}
    sliced = {piece.column for piece in spec.slices}
    for column in spec.columns:
        values = _edges(column, columns[column.name]) + (_slices(column) if column.name in sliced else [])
        for value in values:
            golden = _with_edge(golden, column.name, value)
    return golden


def _slices(column):
    return [0.0, 1.0] if column.kind == "boolean" else list(column.categories[:SLICES])


def _edges(column, values):
    if column.kind == "category":
        return ([""] if column.nullable else []) + \
            (["never seen before"] if column.unknown == "treat_as_unknown" else [])
    edges = [np.nan] if column.nullable else []
    if column.kind != "boolean" and np.isfinite(values).any():
        edges += [float(np.nanmin(values)), float(np.nanmax(values))]
    return edges[:PER_EDGE + 1]


def _with_edge(golden, name, value):
    """Append a copy of the first row with one value replaced."""
    extended = {}
    for key, values in golden.items():
        cell = np.empty(1, dtype=values.dtype)
        cell[0] = value if key == name else values[0]
        extended[key] = np.concatenate([values, cell])
    return extended


def to_json(columns, probabilities, *, tolerance):
    """Return golden rows as the document of golden.json; missing cells are null."""
    return {"columns": {name: [_plain(value) for value in values] for name, values in columns.items()},
            "probabilities": [[float(share) for share in row] for row in probabilities],
            "tolerance": tolerance}


def _plain(value):
    if isinstance(value, str):
        return value or None
    return None if value != value else float(value)
