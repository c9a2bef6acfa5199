"""Print what was measured."""

from benchmarks.serving.alone import LABELS
from benchmarks.serving.rounds import CONNECTIONS, SIZES, Case

NOTEWORTHY = 1.0        # seconds
TITLES = {"instances": "rows per second, a list of rows", "columns": "rows per second, a column to its values"}


def print_figures(labels, figures, alone):
    """Print a table for single rows and one for each shape of batches.

    labels : name -> what it is called. figures : name -> Case -> Figures. alone : rows -> way -> rows per second.
    """
    beside = "headgate" if "headgate" in figures else "floor"
    _print_single(labels, figures, beside)
    for shape, title in TITLES.items():
        cases = [Case(shape, rows, 1) for rows in SIZES]
        names = [name for name in figures if any(case in figures[name] for case in cases)]
        if names:
            _print_batches(title, cases, [(labels[name], {case: figures[name].get(case) for case in cases})
                                          for name in names], figures.get(beside, {}), _libraries(shape, alone))
    print(f"\nratio: {labels.get(beside, beside)}'s rows per second to this one's")
    for name, found in figures.items():
        case = max(found, key=lambda case: found[case].after)
        if found[case].after > NOTEWORTHY:
            print(f"{labels[name]} went on working for up to {found[case].after:.1f} s after a load ({case})")
    print()


def print_aims(aims):
    """Print one line for each aim."""
    for one in aims:
        print(f"{'met   ' if one['met'] else 'MISSED'}  {one['aim']}: {one['limit']}, seen {one['seen']:.2f}")


def _print_single(labels, figures, beside):
    cases = [Case("single", 1, connections) for connections in CONNECTIONS]
    if not any(case in found for found in figures.values() for case in cases):
        return
    print(f"{'single rows':<42}" + "".join(f"{f'{case.connections} at a time':>32}" for case in cases))
    print(f"{'':<42}" + f"{'per second':>12}{'p50 ms':>7}{'p99 ms':>7}{'ratio':>6}" * len(cases))
    for name, found in figures.items():
        line = f"{labels[name]:<42}"
        for case in cases:
            one, other = found.get(case), figures.get(beside, {}).get(case)
            line += f"{'-':>32}" if one is None else \
                f"{one.rows_per_second:>12,.0f}{one.p50:>7.1f}{one.p99:>7.1f}{_ratio(other, one.rows_per_second):>6}"
        print(line)


def _print_batches(title, cases, rows, beside, libraries):
    print(f"\n{title:<42}" + "".join(f"{f'{case.rows:,} rows':>18}" for case in cases))
    print(f"{'':<42}" + f"{'per second':>12}{'ratio':>6}" * len(cases))
    for label, found in rows:
        speeds = [one and one.rows_per_second for one in found.values()]
        print(f"{label:<42}" + "".join(_cell(speed, beside.get(case)) for speed, case in zip(speeds, cases)))
    for label, found in libraries:
        print(f"{label:<42}" + "".join(_cell(found.get(case.rows), beside.get(case)) for case in cases))


def _libraries(shape, alone):
    ways = [way for way in LABELS if way.startswith(shape)] if alone else []
    return [(LABELS[way], {rows: found.get(way) for rows, found in alone.items()}) for way in ways]


def _cell(speed, beside):
    return f"{'-':>18}" if speed is None else f"{speed:>12,.0f}{_ratio(beside, speed):>6}"


def _ratio(beside, speed):
    if beside is None:
        return "-"
    seen = beside.rows_per_second / speed
    return f"{seen:.2f}" if seen < 100 else f"{seen:.0f}"
