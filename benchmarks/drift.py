"""Is a drift check as fast and as small as Evidently's own report? 300 thousand flights, against a bare PSI report.

    python benchmarks/drift.py                    300 thousand rows, three runs of each, the median counts
    python benchmarks/drift.py --runs 1 --rows 50000
    python benchmarks/drift.py --home DIRECTORY   a state directory with a champion of flights; else it trains one
    python benchmarks/drift.py --json             the figures as one JSON object on the last line

The floor is benchmarks.bare_drift in the same run: pandas reads the same Parquet file and the champion's reference, and
Evidently writes its PSI report of all rows. Headgate's side is the whole command `flows.drift` with the temporary
Prefect API it starts: it verifies the champion's bundle, types every cell, counts all rows in the reference's bins,
weighs them, scores a sample for the drift of predictions, and lets Evidently draw its page of that sample of 20,000
rows. Both are whole processes from start to end. Memory is the peak of all of a command's processes, shared pages
counted once. Exit code 1 if time or memory is over 1.2 times the floor's.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

try:
    from benchmarks.measure import ROOT, median, python
    from benchmarks.predict_scale import QUIET, champion_bundle, flights_to_score, trained, write_table
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    from measure import ROOT, median, python
    from predict_scale import QUIET, champion_bundle, flights_to_score, trained, write_table

ROWS, LIMIT = 300_000, 1.2


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(prefix="headgate-drift-") as place:
        place = Path(place)
        home = options.home or trained(place / "home")
        table = place / "rows.parquet"
        write_table(flights_to_score(), options.rows, table)
        bundle, runs = champion_bundle(home), []
        for _ in range(options.runs):
            runs.append((bare(table, bundle, options.rows), headgate(table, home, options.rows)))
    figures = summed(runs, options.rows)
    _print(figures)
    if options.json:
        print(json.dumps(figures))
    return 0 if all(ratio <= LIMIT for ratio in figures["ratios"].values()) else 1


def bare(table, bundle, rows):
    """Run the floor."""
    done = python("-m", "benchmarks.bare_drift", table, bundle, table.with_name("bare.html"), cwd=ROOT)
    if done.code or json.loads(done.output.splitlines()[-1])["rows"] != rows:
        raise SystemExit(done.output + done.errors)
    return done


def headgate(table, home, rows):
    """Run flows.drift; 0 and 3 are both answers."""
    done = python("-m", "flows.drift", "--model", "flights", "--data", table, "--json", cwd=ROOT,
                  environment={**QUIET, "HEADGATE_HOME": str(home)})
    if done.code not in (0, 3) or json.loads(done.output.splitlines()[-1])["rows"] != rows:
        raise SystemExit(done.output + done.errors)
    return done


def summed(runs, rows):
    """Return the medians of both sides and ours over the floor's."""
    sides = {name: {"seconds": median([run[side].seconds for run in runs]),
                    "megabytes": median([run[side].megabytes for run in runs]),
                    "alone_megabytes": median([run[side].alone for run in runs]),
                    "processor_seconds": median([run[side].processor for run in runs])}
             for side, name in enumerate(("evidently", "headgate"))}
    return {"rows": rows, "runs": len(runs), **sides,
            "ratios": {name: sides["headgate"][name] / sides["evidently"][name] for name in ("seconds", "megabytes")}}


def _print(figures):
    print(f"{figures['rows']:,} rows, median of {figures['runs']}")
    print(f"{'':>10} {'seconds':>8} {'processor s':>12} {'MB':>6} {'MB of its own process':>22}")
    for name in ("evidently", "headgate"):
        one = figures[name]
        print(f"{name:>10} {one['seconds']:>8.1f} {one['processor_seconds']:>12.1f} {one['megabytes']:>6.0f} "
              f"{one['alone_megabytes']:>22.0f}")
    for name, ratio in figures["ratios"].items():
        print(f"{'met   ' if ratio <= LIMIT else 'MISSED'}  {name}: {ratio:.2f} times Evidently's, at most {LIMIT:g}")


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=ROWS, help=f"of the table ({ROWS:,})")
    parser.add_argument("--runs", type=int, default=3, help="of each; the median counts (3)")
    parser.add_argument("--home", type=Path, help="a state directory that has a champion of flights")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
