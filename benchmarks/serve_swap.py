"""What callers notice while one version of a model takes the place of another.

    python benchmarks/serve_swap.py                     six swaps
    python benchmarks/serve_swap.py --swaps 2           a first look
    python benchmarks/serve_swap.py --json              the figures as one JSON object on the last line

A random forest and the default algorithm of flights take turns as champion, in a folder of bundles whose roles.json is
replaced in one step and then reloaded, while a client asks about single rows over 16 connections and reads every
answer. Aims: no request fails; no answer has the version of one model and the probability of the other; in the second
of the swap (the worst of those from the reload to a second after the last answer of the old version) 99 % of requests
are answered within 3 times what they take otherwise (medians over the swaps to each; the slower of the two counts).
Exit code 1 if an aim is missed.
"""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

if __package__ in (None, ""):       # run as a file: this folder is on the path instead of the checkout
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.measure import ROOT, median  # noqa: E402
from benchmarks.serving.aims import at_most  # noqa: E402
from benchmarks.serving.client import Connection, keep_asking  # noqa: E402
from benchmarks.serving.expected import expected  # noqa: E402
from benchmarks.serving.model import MODEL, prepare, with_rows  # noqa: E402
from benchmarks.serving.options import parse, parser  # noqa: E402
from benchmarks.serving.servers.headgate import Headgate, add_bundle, write_roles  # noqa: E402
from benchmarks.serving.table import print_aims  # noqa: E402

VERSIONS = ("forest", "default")
ROWS, CONNECTIONS, TOLERANCE, TIMES = 1_000, 16, 1e-4, 3.0


class TwoVersions(Headgate):
    """The service with two bundles of one model, and an admin key to reload with."""

    def build(self):
        for version, prepared in zip(VERSIONS, self.prepared):
            add_bundle(self.bundles, version, prepared)
        self.serve(VERSIONS[0])
        made = subprocess.run([sys.executable, "-m", "api", "key", "benchmark", "--admin", "--keys-file",
                               str(self.place / "keys")], cwd=ROOT, capture_output=True, text=True, check=True)
        self.headers = (("X-API-Key", made.stdout.strip()),)

    def serve(self, version):
        """Let roles.json name this version as champion."""
        write_roles(self.bundles, {MODEL: {"bundle": version, "version": version}})

    def command(self, port):
        return (*super().command(port), "--keys-file", self.place / "keys")


@dataclass(frozen=True)
class Swap:
    """One swap: when the reload was asked for, and the last answer of the old version (time.perf_counter)."""

    to: str
    asked: float
    last_old: float


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    forest = with_rows(prepare(options.home, options.cache), options.home)
    both = (forest, prepare(options.home, options.cache, MODEL, algorithm=None))
    rows = forest.rows[:ROWS]
    right = {version: expected(one, rows) for version, one in zip(VERSIONS, both)}
    check_apart(right)
    with tempfile.TemporaryDirectory(prefix="headgate-swap-") as place:
        server = TwoVersions(both, options.cache, Path(place))
        running = server.start()
        try:
            seen, swaps = asyncio.run(measure(server, running, rows, options))
        finally:
            running.stop()
    figures = summarise(seen, swaps, right)
    _print(figures)
    print_aims(figures["aims"])
    if options.json:
        print(json.dumps(figures))
    return 0 if all(one["met"] for one in figures["aims"]) else 1


def check_apart(right):
    """Stop unless the two versions answer nearly every row differently: else a mixture could not be noticed."""
    alike = sum(abs(one - other) <= 2 * TOLERANCE for one, other in zip(*right.values()))
    if alike > ROWS // 20:
        raise SystemExit(f"{alike} of {ROWS} rows get the same answer of both versions.")


async def measure(server, running, rows, options):
    """Return (every Answered, the Swaps)."""
    seen, moments, over = [], [], asyncio.Event()
    bodies = [json.dumps(row).encode() for row in rows]
    load = asyncio.create_task(keep_asking(running.url, "/predict", bodies, connections=CONNECTIONS, over=over,
                                           seen=seen, headers=running.headers))
    admin = Connection(running.url, running.headers)
    for number in range(options.swaps):
        await asyncio.sleep(options.seconds)
        to = VERSIONS[(number + 1) % 2]
        server.serve(to)
        moments.append((to, time.perf_counter()))
        answer = await admin.post(f"/models/{MODEL}/reload", b"{}")
        if answer.status != 200:
            raise SystemExit(f"reload answered {answer.status}: {answer.answer}")
    await asyncio.sleep(options.seconds)
    over.set()
    await load
    return seen, [Swap(to, asked, last_old(seen, to, asked)) for to, asked in moments]


def last_old(seen, to, asked):
    """Return when the old version answered last after a reload was asked for; `asked` if it did not at all."""
    answers = [(one.at, one.answer["model_version"]) for one in seen if one.at > asked and one.status == 200]
    first = min((at for at, version in answers if version == to), default=None)
    if first is None:
        raise SystemExit(f"{to} never answered after the reload that should have brought it.")
    return max((at for at, version in answers if version != to and at < first + 1), default=asked)


def summarise(seen, swaps, right):
    """Return figures and aims as plain values."""
    failed = [one for one in seen if one.status != 200]
    good = sorted((one for one in seen if one.status == 200), key=lambda one: one.at)
    mixed = [one for one in good if abs(share_of(one.answer) - right[one.answer["model_version"]][one.place])
             > TOLERANCE]
    usual = p99([one.milliseconds for one in good if not any(near(swap, one.at) for swap in swaps)])
    each = [{"to": swap.to, "seconds": swap.last_old - swap.asked, "p99": worst_second(good, swap)} for swap in swaps]
    slower = max(median([one["p99"] for one in each if one["to"] == to]) for to in {one["to"] for one in each})
    aims = [at_most("requests that failed", len(failed), 0), at_most("answers that mix versions", len(mixed), 0),
            at_most("p99 in the second of a swap, against the usual", slower / usual, TIMES)]
    return {"requests": len(seen), "failed": [str(one.answer)[:300] for one in failed[:5]], "mixed": len(mixed),
            "usual_p99": usual, "swaps": each, "aims": aims}


def share_of(answer):
    """Return the probability of the last class."""
    return list(answer["probabilities"].values())[-1]


def near(swap, at):
    """True for a moment from the reload to a second after the last answer of the old version."""
    return swap.asked <= at <= swap.last_old + 1


def worst_second(good, swap):
    """Return the highest p99 of the whole seconds around a swap."""
    seconds = {}
    for one in good:
        if near(swap, one.at):
            seconds.setdefault(int(one.at - swap.asked), []).append(one.milliseconds)
    return max(p99(found) for found in seconds.values())


def p99(milliseconds):
    """Return what 99 % are at or under."""
    return sorted(milliseconds)[int(0.99 * (len(milliseconds) - 1))]


def _print(figures):
    print(f"{figures['requests']:,} requests over {CONNECTIONS} connections; p99 {figures['usual_p99']:.1f} ms "
          "away from swaps\n")
    print(f"{'swap to':<12} {'seconds until the last old answer':>34} {'worst p99, ms':>14} {'ratio':>6}")
    for one in figures["swaps"]:
        print(f"{one['to']:<12} {one['seconds']:>34.2f} {one['p99']:>14.1f} {one['p99'] / figures['usual_p99']:>6.2f}")
    print("".join(f"failed: {one}\n" for one in figures["failed"]))


def _parse(arguments):
    made = parser(__doc__)
    made.add_argument("--swaps", type=int, default=6, help="how many (%(default)s)")
    made.add_argument("--seconds", type=float, default=5, help="of load before each and after the last (%(default)s)")
    return parse(made, arguments)


if __name__ == "__main__":
    sys.exit(main())
