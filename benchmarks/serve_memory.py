"""How much memory a worker takes with three models, and whether it stays so over a million requests.

    python benchmarks/serve_memory.py                           a million requests, some minutes
    python benchmarks/serve_memory.py --requests 100000         a first look
    python benchmarks/serve_memory.py --workers 2               the share of each of two workers
    python benchmarks/serve_memory.py --json                    the figures as one JSON object on the last line

One service with flights (the algorithm that its spec chooses), tumors and penguins; wrk sends single rows of flights
over 16 connections. Memory is that of all its processes, shared pages counted once (PSS; Linux only), by the number of
workers, read when what a load left behind is done. Aims: under 200 MB before the load; and after the first 50,000
requests it never takes more than 1.1 times what it took then. Exit code 1 if an aim is missed.
"""

import json
import sys
import tempfile
from pathlib import Path

if __package__ in (None, ""):       # run as a file: this folder is on the path instead of the checkout
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.measure import megabytes, tree  # noqa: E402
from benchmarks.serving.aims import at_most  # noqa: E402
from benchmarks.serving.bodies import write_bodies  # noqa: E402
from benchmarks.serving.expected import golden_rows  # noqa: E402
from benchmarks.serving.load import drive, require_wrk  # noqa: E402
from benchmarks.serving.model import prepare, with_rows  # noqa: E402
from benchmarks.serving.options import parse, parser  # noqa: E402
from benchmarks.serving.processes import ask, settle  # noqa: E402
from benchmarks.serving.servers.headgate import Headgate, add_bundle, write_roles  # noqa: E402
from benchmarks.serving.table import print_aims  # noqa: E402

MODELS = ("flights", "tumors", "penguins")
WARM, CONNECTIONS, SECONDS = 50_000, 16, 5
MOST_MEGABYTES, GROWTH = 200, 1.1


class ThreeModels(Headgate):
    """The service with three bundles and some workers."""

    workers = 1

    def build(self):
        for name, prepared in self.prepared.items():
            add_bundle(self.bundles, name, prepared)
        write_roles(self.bundles, {name: {"bundle": name} for name in self.prepared})

    def command(self, port):
        return (*super().command(port), "--workers", self.workers)


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    require_wrk()
    prepared = {name: prepare(options.home, options.cache, name, algorithm=None) for name in MODELS}
    rows = with_rows(prepare(options.home, options.cache), options.home)
    with tempfile.TemporaryDirectory(prefix="headgate-memory-") as place:
        before, readings = measure(prepared, rows, Path(place), options)
    after = [size for requests, size in readings if requests >= WARM]
    aims = [at_most("megabytes of a worker with three models", before, MOST_MEGABYTES)]
    if len(after) > 1:
        aims.append(at_most(f"most memory after {WARM:,} requests, against what it was then", max(after) / after[0],
                            GROWTH))
    _print(before, readings)
    print_aims(aims)
    if options.json:
        print(json.dumps({"before": before, "readings": readings, "aims": aims}))
    return 0 if all(one["met"] for one in aims) else 1


def measure(prepared, rows, place, options):
    """Return (megabytes of a worker once every model has answered, pairs of requests so far and megabytes)."""
    bodies = write_bodies(Headgate(rows, options.cache, _folder(place / "bodies")), "single", 1, place)
    server = ThreeModels(prepared, options.cache, _folder(place / "service"))
    server.workers = options.workers
    running = server.start()
    try:
        for name, one in prepared.items():
            for row in golden_rows(one.bundle)[:20]:
                ask(f"{running.url}/models/{name}/predict", row)
        before, readings, requests = memory(running, options.workers), [], 0
        while requests < options.requests:
            requests += drive(f"{running.url}/predict", bodies, connections=CONNECTIONS, seconds=SECONDS).requests
            readings.append((requests, memory(running, options.workers)))
            print(f"{requests:,} requests: {readings[-1][1]:.1f} MB", file=sys.stderr)
        return before, readings
    finally:
        running.stop()


def memory(running, workers):
    """Return the megabytes of all processes of the service by the number of workers, once it is idle."""
    settle(running)
    return sum(megabytes(one) for one in tree(running.process.pid)) / workers


def _folder(path):
    path.mkdir()
    return path


def _print(before, readings):
    print(f"{'requests':>12} {'MB a worker':>12}\n{0:>12,} {before:>12.1f}")
    for requests, size in readings[::max(1, len(readings) // 12)]:
        print(f"{requests:>12,} {size:>12.1f}")
    print()


def _parse(arguments):
    made = parser(__doc__)
    made.add_argument("--requests", type=int, default=1_000_000, help="to be sent at least (%(default)s)")
    made.add_argument("--workers", type=int, default=1, help="processes that answer (%(default)s)")
    return parse(made, arguments)


if __name__ == "__main__":
    sys.exit(main())
