"""How long until a server that was just started gives its first right answer.

    python benchmarks/serve_start.py                    five starts of each
    python benchmarks/serve_start.py --runs 1           a first look
    python benchmarks/serve_start.py --servers headgate,registry
    python benchmarks/serve_start.py --json             the figures as one JSON object on the last line

From the start of the process to the first answer with the right probability, about the random forest of flights:
Headgate with a folder of bundles (aim: under 2 s), Headgate with a local registry (under 4 s), and `mlflow models
serve` beside them. They take turns; figures are medians. Exit code 1 if an aim is missed.
"""

import json
import sys
import tempfile
from pathlib import Path

if __package__ in (None, ""):       # run as a file: this folder is on the path instead of the checkout
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.measure import median  # noqa: E402
from benchmarks.serving.aims import at_most  # noqa: E402
from benchmarks.serving.check import first_answer  # noqa: E402
from benchmarks.serving.model import prepare, with_rows  # noqa: E402
from benchmarks.serving.options import names_of, parse, parser  # noqa: E402
from benchmarks.serving.servers.headgate import FromRegistry, Headgate  # noqa: E402
from benchmarks.serving.servers.mlflow import MLflow  # noqa: E402
from benchmarks.serving.table import print_aims  # noqa: E402

SERVERS = {server.name: server for server in (Headgate, FromRegistry, MLflow)}
AIMS = {"headgate": 2.0, "registry": 4.0}


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    prepared = with_rows(prepare(options.home, options.cache), options.home)
    with tempfile.TemporaryDirectory(prefix="headgate-start-") as place:
        seen = measure(options, prepared, Path(place))
    aims = [at_most(f"{SERVERS[name].label}: seconds to the first right answer", median(seen[name]), limit)
            for name, limit in AIMS.items() if name in seen]
    _print(seen)
    print_aims(aims)
    if options.json:
        print(json.dumps({"seconds": seen, "aims": aims}))
    return 0 if all(one["met"] for one in aims) else 1


def measure(options, prepared, place):
    """Return name -> seconds of each start."""
    servers = []
    for name in options.servers:
        (place / name).mkdir()
        servers.append(SERVERS[name](prepared, options.cache, place / name))
    seen = {server.name: [] for server in servers}
    for _ in range(options.runs):
        for server in servers:
            running = server.start(wait=False)
            try:
                seen[server.name].append(first_answer(server, running))
            finally:
                running.stop()
    return seen


def _print(seen):
    print(f"{'seconds to the first right answer':<36} {'median':>8} {'lowest':>8} {'highest':>8}")
    for name, seconds in seen.items():
        print(f"{SERVERS[name].label:<36} {median(seconds):>8.2f} {min(seconds):>8.2f} {max(seconds):>8.2f}")
    print()


def _parse(arguments):
    made = parser(__doc__)
    made.add_argument("--runs", type=int, default=5, help="starts of each (%(default)s)")
    made.add_argument("--servers", type=names_of(SERVERS), default=list(SERVERS),
                      help=f"names with commas between: {','.join(SERVERS)} (all)")
    return parse(made, arguments)


if __name__ == "__main__":
    sys.exit(main())
