"""How fast a model is served: Headgate beside its peers and beside a floor that only validates.

    python benchmarks/serve.py                                  everything, about half an hour
    python benchmarks/serve.py --runs 1 --seconds 2             a first look, some minutes
    python benchmarks/serve.py --peers floor,onnx               Headgate and these
    python benchmarks/serve.py --shapes single                  single rows only; also instances, columns
    python benchmarks/serve.py --json                           the figures as one JSON object on the last line

Every server serves the same random forest of flights and is asked about the same rows of the holdout month, by wrk
(apt install wrk), one worker each: single rows over 1, 16 and 64 connections, batches of 10, 1,000 and 10,000 rows over
one. Peers run in virtual environments of their own, which the first run makes under --cache. Each one has to give the
right answers before it is measured. All of them are started first and take turns, so that a busy moment of the machine
meets them alike; figures are medians over the runs. Exit code 1 if an aim is missed or a peer could not be measured.
"""

import contextlib
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

if __package__ in (None, ""):       # run as a file: this folder is on the path instead of the checkout
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.serving.aims import judge  # noqa: E402
from benchmarks.serving.check import WrongAnswer, check  # noqa: E402
from benchmarks.serving.environments import NotInstallable  # noqa: E402
from benchmarks.serving.load import require_wrk  # noqa: E402
from benchmarks.serving.model import prepare, with_rows  # noqa: E402
from benchmarks.serving.options import names_of, parse, parser  # noqa: E402
from benchmarks.serving.processes import NotStarted  # noqa: E402
from benchmarks.serving.rounds import CASES, measure  # noqa: E402
from benchmarks.serving.servers import SERVERS  # noqa: E402
from benchmarks.serving.table import print_aims, print_figures  # noqa: E402

SHAPES = ("single", "instances", "columns")
SIDES = ("headgate", "floor")       # without these two nothing can be judged


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    require_wrk()
    prepared = with_rows(prepare(options.home, options.cache), options.home)
    with tempfile.TemporaryDirectory(prefix="headgate-serve-") as place, contextlib.ExitStack() as stack:
        running, missing = start_all(options.names, prepared, options.cache, Path(place), stack)
        cases = [case for case in CASES if case.shape in options.shapes]
        figures, alone = measure(running, cases, options.cache, Path(place), runs=options.runs,
                                 seconds=options.seconds)
    aims = judge(figures, alone)
    _print(figures, alone, aims, missing)
    if options.json:
        print(json.dumps(_document(options, figures, alone, aims, missing)))
    return 0 if all(one["met"] for one in aims) and not missing else 1


def start_all(names, prepared, cache, place, stack):
    """Return (pairs of Server and Running that answer rightly, name -> why a peer is not among them)."""
    running, missing = [], {}
    for name in names:
        try:
            server = SERVERS[name](prepared, cache, place)
            print(f"starting {server.label}", file=sys.stderr)
            started = server.start()
            stack.callback(started.stop)
            check(server, started)
            running.append((server, started))
        except (NotInstallable, NotStarted, WrongAnswer, OSError) as error:
            if name in SIDES:
                raise SystemExit(f"{SERVERS[name].label}: {error}") from None
            missing[name] = str(error)
    return running, missing


def _print(figures, alone, aims, missing):
    print_figures({name: SERVERS[name].label for name in SERVERS}, figures, alone)
    print_aims(aims)
    for name, why in missing.items():
        print(f"NOT MEASURED  {SERVERS[name].label}: {why}")


def _document(options, figures, alone, aims, missing):
    servers = {name: [{**asdict(case), **asdict(one)} for case, one in found.items()]
               for name, found in figures.items()}
    return {"runs": options.runs, "seconds": options.seconds, "servers": servers, "alone": alone, "aims": aims,
            "missing": missing}


def _parse(arguments):
    made = parser(__doc__)
    peers = [name for name in SERVERS if name != "headgate"]
    made.add_argument("--runs", type=int, default=5, help="of each load (%(default)s)")
    made.add_argument("--seconds", type=int, default=5, help="of each load (%(default)s)")
    made.add_argument("--peers", type=names_of(peers), default=peers,
                      help=f"names with commas between: {','.join(peers)} (all)")
    made.add_argument("--shapes", type=names_of(SHAPES), default=list(SHAPES),
                      help=f"names with commas between: {','.join(SHAPES)} (all)")
    made.add_argument("--without-headgate", action="store_true", help="only the peers")
    options = parse(made, arguments)
    options.names = [name for name in SERVERS
                     if name in options.peers or name == "headgate" and not options.without_headgate]
    return options


if __name__ == "__main__":
    sys.exit(main())
