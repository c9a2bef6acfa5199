"""Gates as a table to print, and as one for a Markdown page."""

HEADINGS = ("gate", "observed", "limit", "verdict", "")


def plain_table(verdict):
    """Return lines of text, one per gate: name, observed value, limit, verdict, sentence; decision last."""
    rows = [HEADINGS] + [_cells(gate) for gate in verdict.gates]
    widths = [max(len(row[place]) for row in rows) for place in range(4)]
    lines = ["  ".join([cell.ljust(width) for cell, width in zip(row, widths)] + [row[4]]).rstrip() for row in rows]
    return "\n".join((lines if verdict.gates else []) + [verdict.sentence])


def markdown_table(verdict):
    """Return the same as a Markdown table, with what could break one escaped."""
    lines = ["| gate | observed | limit | verdict | in words |", "|---|---:|---:|---|---|"]
    lines += [f"| {' | '.join(_escaped(cell) for cell in _cells(gate))} |" for gate in verdict.gates]
    return "\n".join((lines if verdict.gates else []) + ["", _escaped(verdict.sentence)]).lstrip("\n")


def _cells(gate):
    return gate.name, _number(gate.observed), _number(gate.limit), gate.verdict, gate.sentence


def _number(value):
    if value is None:
        return "-"
    return f"{value:.4f}".rstrip("0").rstrip(".") if abs(value) >= 0.001 or value == 0 else f"{value:.2g}"


def _escaped(text):
    for mark in ("\\", "|", "*", "_", "<", ">", "`"):
        text = text.replace(mark, f"\\{mark}")
    return " ".join(text.split())
