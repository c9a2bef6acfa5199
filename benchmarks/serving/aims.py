"""What Headgate's service has to reach, beside its peers in the same run."""

from benchmarks.serving.rounds import CONNECTIONS, Case
from benchmarks.serving.servers import RIVALS

RIVAL_TIMES, GRAPH_TIMES, FLOOR_TIMES, FLOOR_P99 = 40, 1.5, 1.0, 1.5
LIBRARY_SHARE, PEER_TIMES = 0.8, 1.3
USUAL, LARGE = Case("single", 1, 16), {shape: Case(shape, 10_000, 1) for shape in ("instances", "columns")}


def judge(figures, alone):
    """Return every aim whose two sides were measured: dicts of aim, limit, seen, met.

    figures : name -> Case -> Figures. alone : rows -> way -> rows per second.
    """
    if "headgate" not in figures:
        return []
    return [one for one in (*_single(figures), *_batches(figures, alone)) if one is not None]


def _single(figures):
    ours = figures["headgate"]
    rivals = [speed(figures, name, USUAL) for name in RIVALS]
    yield at_least("single rows, 16 at a time, against the best of mlflow, MLServer and BentoML",
                   ratio(ours.get(USUAL), best(rivals)), RIVAL_TIMES)
    yield at_least("single rows, 16 at a time, against FastAPI + ONNX Runtime",
                   ratio(ours.get(USUAL), speed(figures, "onnx", USUAL)), GRAPH_TIMES)
    for connections in CONNECTIONS:
        case = Case("single", 1, connections)
        yield at_least(f"single rows, {connections} at a time, against the floor",
                       ratio(ours.get(case), speed(figures, "floor", case)), FLOOR_TIMES)
        floor = figures.get("floor", {}).get(case)
        yield at_most(f"p99 of single rows, {connections} at a time, against the floor's",
                      ours[case].p99 / floor.p99 if floor and case in ours else None, FLOOR_P99)


def _batches(figures, alone):
    ours, libraries = figures["headgate"], alone.get(10_000, {})
    peers = [speed(figures, name, case) for name in figures if name not in ("headgate", "floor")
             for case in LARGE.values()]
    yield at_least("10,000 rows as instances, against orjson + ONNX Runtime alone",
                   ratio(ours.get(LARGE["instances"]), libraries.get("instances")), LIBRARY_SHARE)
    yield at_least("10,000 rows as columns, against ONNX Runtime alone with one thread",
                   ratio(ours.get(LARGE["columns"]), libraries.get("columns")), LIBRARY_SHARE)
    yield at_least("10,000 rows as columns, against the best peer with any body",
                   ratio(ours.get(LARGE["columns"]), best(peers)), PEER_TIMES)


def speed(figures, name, case):
    """Return rows per second, or None if it was not measured."""
    found = figures.get(name, {}).get(case)
    return found and found.rows_per_second


def best(speeds):
    """Return the highest of those that were measured, or None."""
    return max((one for one in speeds if one is not None), default=None)


def ratio(ours, theirs):
    """Return how many times as fast ours is, or None if either was not measured."""
    return ours.rows_per_second / theirs if ours and theirs else None


def at_least(name, seen, limit):
    """Return an aim that is met from `limit` on; None when nothing was seen."""
    return None if seen is None else {"aim": name, "limit": f"at least {limit:g}", "seen": seen, "met": seen >= limit}


def at_most(name, seen, limit):
    """Return an aim that is met up to `limit`; None when nothing was seen."""
    return None if seen is None else {"aim": name, "limit": f"at most {limit:g}", "seen": seen, "met": seen <= limit}
