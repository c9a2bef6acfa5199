"""The gates of a run as a table, and in words those whose numbers alone do not tell their verdict."""

COLOURS = {"pass": "green", "hold": "yellow", "fail": "red"}
CEILINGS = {"calibration", "parity", "cost", "log_loss"}    # good where low; the other gates have a floor
ROUNDING = 1e-9


def gate_table(summary):
    """Return a table to print: name, observed value, limit and verdict of each gate."""
    from rich.table import Table

    table = Table(title=f"Gates of {summary['model']}")
    for name in ("gate", "observed", "limit", "verdict"):
        table.add_column(name, justify="right" if name in ("observed", "limit") else "left")
    for gate in summary["gates"]:
        colour = COLOURS[gate["verdict"]]
        table.add_row(gate["name"], _number(gate["observed"]), _number(gate["limit"]),
                      f"[{colour}]{gate['verdict']}[/{colour}]")
    return table


def gate_sentences(gates):
    """Return 'name: sentence' of each gate that did not pass, or passed although its limit is not kept.

    The second happens where rows are few: calibration and slices fail only if chance does not explain it.
    """
    return [f"{gate['name']}: {gate['sentence']}" for gate in gates if gate["verdict"] != "pass" or not _kept(gate)]


def _kept(gate):
    observed, limit = gate["observed"], gate["limit"]
    if observed is None or limit is None:
        return True
    over = limit - observed if gate["name"] in CEILINGS else observed - limit
    return over >= -ROUNDING


def _number(value):
    return "" if value is None else f"{value:.4g}"
