"""The reference that drift is measured against: a bounded sample of the training rows and per-column statistics."""

import numpy as np

ROWS = 5000


def sample_rows(frame, *, seed, rows=ROWS):
    """Return at most `rows` training rows, seeded, in their order."""
    if len(frame) <= rows:
        return frame
    chosen = np.sort(np.random.default_rng(seed).choice(len(frame), size=rows, replace=False))
    return frame.iloc[chosen]


def column_statistics(spec, frame):
    """Return per raw column its null share, and quantiles or the counts of its categories, over all training rows."""
    return {"rows": len(frame), "columns": {column.name: _of(column, frame[column.name]) for column in spec.columns}}


def _of(column, values):
    facts = {"null_share": float(values.isna().mean())}
    if column.kind == "category":
        return facts | {"counts": {str(name): int(count) for name, count in values.value_counts().items()}}
    known = values.dropna()
    if not len(known):
        return facts
    if column.kind == "datetime":
        return facts | {"first": str(known.min()), "last": str(known.max())}
    steps = np.linspace(0, 1, 21)
    return facts | {"mean": float(known.mean()), "std": float(known.std(ddof=0)),
                    "quantiles": [float(value) for value in np.quantile(known.to_numpy(), steps)]}
