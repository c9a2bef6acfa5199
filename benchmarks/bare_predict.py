"""The floor under flows.predict: read a table in chunks, run the graph, write; no checks, no keys typed, no Prefect.

    python -m benchmarks.bare_predict TABLE BUNDLE OUTPUT [--threads N]

What a person writes in a few lines with the libraries alone. The last line of standard output is the seconds of each
part, and of all three together, as JSON; imports and the loading of the graph are left out.
"""

import argparse
import json
import time
from collections import Counter
from contextlib import contextmanager
from pathlib import Path

import numpy
import onnxruntime
import pandas
import pyarrow
import pyarrow.parquet

ROWS = 65_536


def main(arguments=None):
    """Score the table and print the seconds."""
    options = _parse(arguments)
    spec = json.loads((options.bundle / "spec.json").read_text(encoding="utf-8"))
    session = _session(options.bundle / "model.onnx", options.threads)
    spent, rows, writer = Counter(), 0, None
    started, chunks = time.perf_counter(), _chunks(options.table, spec)
    while True:
        with _timed(spent, "read"):
            frame = next(chunks, None)
        if frame is None:
            break
        with _timed(spent, "graph"):
            probabilities = session.run(["probabilities"], _feeds(frame, spec))[0]
        with _timed(spent, "write"):
            table = _answers(frame, spec, probabilities)
            writer = writer or pyarrow.parquet.ParquetWriter(options.output, table.schema)
            writer.write_table(table)
        rows += len(frame)
    with _timed(spent, "write"):
        writer.close()
    print(json.dumps({**spent, "all": time.perf_counter() - started, "rows": rows}))


def _session(path, threads):
    settings = onnxruntime.SessionOptions()
    settings.intra_op_num_threads, settings.log_severity_level = threads, 3
    return onnxruntime.InferenceSession(path, settings, providers=["CPUExecutionProvider"])


def _chunks(path, spec):
    texts = [one["name"] for one in spec["columns"] if one["kind"] == "category"] + spec["data"]["key"]
    names = list(dict.fromkeys([one["name"] for one in spec["columns"]] + spec["data"]["key"]))
    if path.suffix == ".csv":
        yield from pandas.read_csv(path, usecols=names, dtype={name: str for name in texts}, chunksize=ROWS,
                                   low_memory=False)
        return
    for batch in pyarrow.parquet.ParquetFile(path).iter_batches(ROWS, columns=names):
        yield batch.to_pandas()


def _feeds(frame, spec):
    kinds = {one["name"]: object if one["kind"] == "category" else numpy.float64 for one in spec["columns"]}
    return {name: frame[name].to_numpy(dtype=kind).reshape(-1, 1) for name, kind in kinds.items()}


def _answers(frame, spec, probabilities):
    chosen = (probabilities[:, 1] >= spec["target"]["threshold"]).astype(int)
    answers = {name: pyarrow.Array.from_pandas(frame[name]) for name in spec["data"]["key"]}
    answers["prediction"] = pyarrow.array(spec["target"]["classes"]).take(pyarrow.array(chosen))
    for place, name in enumerate(spec["target"]["classes"]):
        answers[f"probability_{name}"] = probabilities[:, place].astype(float)
    return pyarrow.table(answers)


@contextmanager
def _timed(spent, part):
    started = time.perf_counter()
    yield
    spent[part] += time.perf_counter() - started


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("table", type=Path)
    parser.add_argument("bundle", type=Path, help="folder of a version's bundle")
    parser.add_argument("output", type=Path, help="a Parquet file")
    parser.add_argument("--threads", type=int, default=0, help="of one run of the graph; 0 is ONNX Runtime's default")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
