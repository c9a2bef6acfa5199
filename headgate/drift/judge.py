"""Judge counted rows against the reference: which columns moved, what they are worth, and whether that is drift."""

from headgate.drift.distance import jensen_shannon_distance, psi_of_counts
from headgate.drift.values import ColumnDrift, Comparison, PredictionDrift

MISSING_RISE = 0.1      # more empty cells than in the reference, as a share of the rows, that are told
TOLD = 0.01     # a column with less than this share of the importance is not worth a sentence of its own


def held(rows, reference_rows, *, fewest, origin):
    """Return the Comparison of a table with too few rows, or None if there are enough.

    origin : where the current rows came from, a phrase.
    """
    if min(rows, reference_rows) >= fewest:
        return None
    if rows < fewest:
        missing = fewest - rows
        sentence = (f"Held: {origin}. A comparison needs at least {fewest:,} rows (drift.min_rows), so {missing:,} "
                    f"{'is' if missing == 1 else 'are'} missing.")
    else:
        missing = fewest - reference_rows
        sentence = (f"Held: the champion was trained on {reference_rows:,} rows, and a comparison needs at least "
                    f"{fewest:,} (drift.min_rows) on either side, so {missing:,} are missing.")
    return Comparison("held", sentence, rows, reference_rows, missing_rows=missing)


def judge_column(bins, counts, limits, *, weight, unreadable=0, note=""):
    """Return the ColumnDrift of one column.

    counts : current rows in each of its bins. limits : the spec's drift.
    """
    psi, distance = psi_of_counts(bins.reference, counts), jensen_shannon_distance(bins.reference, counts)
    rows, empty = int(counts.sum()), int(counts[-1]) == int(counts.sum())
    if empty:
        note = f"holds no value in any of {rows:,} rows"
    return ColumnDrift(bins.column.name, bins.column.kind, psi, distance, empty or _over(psi, distance, limits), weight,
                       float(bins.reference[-1] / bins.reference.sum()), float(counts[-1] / rows), unreadable, note)


def judge_predictions(reference, now, limits, classes):
    """Return the PredictionDrift between two int arrays (k,): how often each class was predicted."""
    psi = psi_of_counts(reference, now)
    shares = [{name: float(count / counts.sum()) for name, count in zip(classes, counts)}
              for counts in (reference, now)]
    return PredictionDrift(psi, jensen_shannon_distance(reference, now), psi > limits.max_prediction_psi, *shares,
                           int(now.sum()))


def judge(columns, predictions, limits, weights, *, rows, reference_rows, left_out):
    """Return the Comparison of judged columns; `predictions` may be None.

    left_out : column -> why it was not compared.
    """
    moved = [column for column in columns if column.drifted]
    share = sum(column.weight for column in moved)
    reasons = ("columns",) * (share > limits.max_weighted_share) + \
        ("predictions",) * bool(predictions and predictions.drifted)
    ordered = tuple(sorted(columns, key=lambda one: (not one.drifted, -one.weight if one.drifted else 0, -one.psi)))
    return Comparison("drift" if reasons else "none", _sentence(ordered, share, predictions, reasons, limits, rows),
                      rows, reference_rows, ordered, share, limits.max_weighted_share, predictions, weights.how, 0,
                      tuple(_notes(ordered, weights, left_out)), reasons, dict(left_out))


def _over(psi, distance, limits):
    if limits.method == "psi":
        return psi > limits.max_psi
    return distance > limits.max_jensen_shannon


def _sentence(columns, share, predictions, reasons, limits, rows):
    moved = [column.column for column in columns if column.drifted]
    names = f"{', '.join(moved[:5])}{' ...' if len(moved) > 5 else ''}"
    carry = f"{_percent(share)} of the champion's importance, at most {_percent(limits.max_weighted_share)} may move"
    if not reasons:
        if not moved:
            return f"No drift: none of {len(columns)} columns moved over {rows:,} rows."
        return (f"No drift worth retraining for: {len(moved)} of {len(columns)} columns moved ({names}), but with "
                f"{carry}.")
    parts = [f"{len(moved)} of {len(columns)} columns moved ({names}), with {carry}" if moved else
             f"none of {len(columns)} columns moved"]
    if "predictions" in reasons:
        before, now = predictions.reference, predictions.now
        name = max(before, key=lambda one: abs(now[one] - before[one]))
        parts.append(f"predictions moved: {name!r} was {_percent(before[name])} of the reference, is "
                     f"{_percent(now[name])} now (PSI {predictions.psi:.2f}, at most {limits.max_prediction_psi:g})")
    return f"Drift: {'; '.join(parts if 'columns' in reasons else reversed(parts))}."


def _notes(columns, weights, left_out):
    if weights.why:
        yield f"Every column counts the same, for {weights.why}."
    for column in columns:
        if column.note and (column.drifted or column.weight >= TOLD):
            yield f"{column.column} {column.note}."
        elif column.drifted and column.weight >= TOLD:
            yield (f"{column.column} moved (PSI {column.psi:.2f}, Jensen-Shannon {column.jensen_shannon:.2f}) and has "
                   f"{_percent(column.weight)} of the importance.")
        if column.missing_now - column.missing_reference >= MISSING_RISE and column.missing_now < 1:
            yield (f"{column.column} is empty in {_percent(column.missing_now)} of the rows, and was in "
                   f"{_percent(column.missing_reference)} of the reference.")
        if column.unreadable:
            yield f"{column.column} has {column.unreadable:,} cells that are no {column.kind}; they count as missing."
    for name, why in left_out.items():
        yield f"{name} was not compared: {why}."


def _percent(share):
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"
