"""Measure servers in turns: each case meets every server before the next case, round after round."""

import sys
from dataclasses import dataclass

from benchmarks.measure import median
from benchmarks.serving.alone import measure_alone
from benchmarks.serving.bodies import write_bodies
from benchmarks.serving.load import LoadFailed, drive
from benchmarks.serving.processes import settle

CONNECTIONS, SIZES = (1, 16, 64), (10, 1_000, 10_000)


@dataclass(frozen=True)
class Case:
    """One kind of load: the shape of the body, rows in each, connections."""

    shape: str
    rows: int
    connections: int

    def __str__(self):
        return f"{self.shape}, {self.rows:,} a request, {self.connections} at a time"


CASES = (*(Case("single", 1, connections) for connections in CONNECTIONS),
         *(Case(shape, rows, 1) for shape in ("instances", "columns") for rows in SIZES))


@dataclass(frozen=True)
class Figures:
    """Medians over the rounds: rows per second; milliseconds within which half and 99 % of requests were answered.

    after : seconds that the server went on working when the load was over; what it puts off is no speed.
    """

    rows_per_second: float
    p50: float
    p99: float
    after: float


def measure(servers, cases, cache, place, *, runs, seconds):
    """Return (name -> Case -> Figures, rows in a body -> way -> rows per second of the libraries without a server).

    servers : pairs of Server and Running. SystemExit when a load fails.
    """
    seen, alone = {}, {}
    rounds = [(number, case) for number in range(1, runs + 1) for case in cases]
    for number, case in rounds:
        for server, running in servers:
            if case.shape in server.paths:
                print(f"round {number} of {runs}: {case}: {server.label}", file=sys.stderr)
                load = once(server, running, case, place, seconds)
                seen.setdefault(server.name, {}).setdefault(case, []).append(load)
        if case.shape != "single":
            for way, speed in libraries(servers, case, cache, place, seconds).items():
                alone.setdefault(case.rows, {}).setdefault(way, []).append(speed)
    figures = {name: {case: summed_up(case, loads) for case, loads in found.items()} for name, found in seen.items()}
    return figures, {rows: {way: median(speeds) for way, speeds in ways.items()} for rows, ways in alone.items()}


def summed_up(case, loads):
    """Return the Figures of several loads: pairs of Load and the seconds after it."""
    return Figures(case.rows * median([load.per_second for load, _ in loads]), median([load.p50 for load, _ in loads]),
                   median([load.p99 for load, _ in loads]), median([after for _, after in loads]))


def once(server, running, case, place, seconds):
    """Put one load on one server; return (Load, seconds that it went on working)."""
    bodies = write_bodies(server, case.shape, case.rows, place)
    try:
        load = drive(running.url + server.paths[case.shape], bodies, connections=case.connections, seconds=seconds,
                     headers=running.headers)
    except LoadFailed as error:
        raise SystemExit(f"{server.label} did not stand the load, so nothing is compared.\n{error}") from None
    return load, settle(running)


def libraries(servers, case, cache, place, seconds):
    """Return way -> rows per second without a server; {} if no server here takes {"instances": [...]}."""
    usual = next((server for server, _ in servers if server.name in ("headgate", "floor", "onnx", "sklearn")), None)
    if usual is None:
        return {}
    return measure_alone(usual.prepared, cache, write_bodies(usual, "instances", case.rows, place), case, seconds)
