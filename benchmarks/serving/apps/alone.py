"""What the libraries take without HTTP and without validation: rows per second of ONNX Runtime, as JSON.

    python alone.py ROWS BODIES SECONDS SHAPE

BODIES holds bodies {"instances": [...]} of ROWS rows each, one per line. SHAPE `instances`: orjson reads the body,
columns become arrays, one thread of ONNX Runtime runs them, orjson writes the probabilities. SHAPE `columns`: ONNX
Runtime alone on arrays that are ready, with one thread (`columns`) and with as many as it chooses (`columns_threads`).
"""

import json
import sys
import time
from pathlib import Path

import numpy
import onnxruntime
import orjson
from row import COLUMNS, FOLDER

TYPES = {name: object if kind == "category" else numpy.float64 for name, kind in COLUMNS.items()}


def main(rows, bodies, seconds, shape):
    """Measure what a server does with bodies of this shape, and print it."""
    lines = Path(bodies).read_bytes().splitlines()
    if shape == "instances":
        graph = session(1)
        found = {shape: per_second(lambda body: through_json(graph, body), lines, float(seconds))}
    else:
        ready = [arrays(orjson.loads(line)["instances"]) for line in lines]
        found = {way: per_second(lambda feeds, graph=session(threads): graph.run(["probabilities"], feeds), ready,
                                 float(seconds)) for way, threads in (("columns", 1), ("columns_threads", 0))}
    print(json.dumps({way: int(rows) * calls for way, calls in found.items()}))


def session(threads):
    """Return the graph in ONNX Runtime; 0 threads leave it to the library."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(str(FOLDER / "bundle" / "model.onnx"), options)


def arrays(rows):
    """Return the feeds for a list of rows."""
    return {name: numpy.array([row[name] for row in rows], dtype=kind).reshape(-1, 1) for name, kind in TYPES.items()}


def through_json(graph, body):
    """Answer one body with bytes."""
    probabilities = graph.run(["probabilities"], arrays(orjson.loads(body)["instances"]))[0]
    return orjson.dumps({"probabilities": probabilities[:, -1].tolist()})


def per_second(call, given, seconds):
    """Return calls per second over `given` in turn, after one that warms up."""
    call(given[0])
    done, started = 0, time.perf_counter()
    while time.perf_counter() - started < seconds:
        call(given[done % len(given)])
        done += 1
    return done / (time.perf_counter() - started)


if __name__ == "__main__":
    main(*sys.argv[1:])
