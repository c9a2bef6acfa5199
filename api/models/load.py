"""Load a bundle and prove it before anybody is answered by it."""

import logging
import time
from dataclasses import dataclass

import numpy as np
import orjson

from api.models.alone import Alone
from api.models.gather import Gather
from api.models.ids import now
from api.models.served import Served
from headgate.bundle import read_evaluation, read_gates, read_lineage, verify
from headgate.bundle.golden import golden_rows
from headgate.bundle.read import read_part, read_spec_of, read_whole_part
from headgate.errors import BundleBroken, GraphError
from headgate.graph.scorer import Scorer
from headgate.rows.batch import BatchReader

log = logging.getLogger("headgate.api.models")
WARM = 50


@dataclass(frozen=True)
class Limits:
    """max_rows : of a batch. slowest_ms : median of a single row."""

    max_rows: int
    slowest_ms: float


def load(wanted, limits):
    """Return the Served for a Wanted, proved and warm.

    Raises BundleBroken for files that are not those of the manifest or of each other, GraphError for a graph that
    cannot be loaded, does not answer its golden rows, answers what is no probability, or is too slow.
    """
    started = time.perf_counter()
    digest = verify(wanted.folder, digest=wanted.digest or None)
    served = _put_together(wanted, digest, limits)
    prove(served, wanted.folder, limits.max_rows)
    took = warm_up(served, wanted.folder, limits.slowest_ms)
    log.info("%s %s is loaded and proved", served.model, served.version,
             extra={"model": served.model, "version": served.version, "digest": digest, "row_ms": round(took, 3),
                    "seconds": round(time.perf_counter() - started, 3)})
    return served


def prove(served, folder, most):
    """Answer the golden rows as requests, alone and as batches; raise BundleBroken if an answer is another.

    most : rows that a batch may have here.
    """
    golden = read_whole_part(folder, "golden")
    expected = np.asarray(golden["probabilities"], dtype=float)
    rows = golden_rows(folder, served.spec)
    alone = [orjson.loads(served.answer_one(orjson.dumps(row), "", now()).payload) for row in rows]
    batch = [one for start in range(0, len(rows), most) for one in _together(served, rows[start:start + most])]
    for how, answers in (("alone", alone), ("in a batch", batch)):
        got = np.array([[one["probabilities"][name] for name in served.classes] for one in answers])
        if got.shape != expected.shape or not np.max(np.abs(got - expected)) <= golden["tolerance"]:
            raise BundleBroken(f"{folder}: golden rows asked {how} are not answered as they must be.",
                               value=_difference(got, expected), limit=golden["tolerance"],
                               remedy="The bundle, or the ONNX runtime here, is not the one that was judged.")


def _together(served, rows):
    return orjson.loads(served.answer_batch(orjson.dumps({"instances": rows}), "", now()).payload)["predictions"]


def warm_up(served, folder, slowest_ms):
    """Answer single rows until the graph is warm; return their median in milliseconds, or raise GraphError."""
    body = orjson.dumps(golden_rows(folder, served.spec)[0])
    times = []
    for _ in range(WARM):
        before = time.perf_counter()
        served.answer_one(body, "", 0)
        times.append((time.perf_counter() - before) * 1000)
        if sum(times) > 20 * slowest_ms:
            break
    median = float(np.median(times))
    if median > slowest_ms:
        raise GraphError(f"{served.model} {served.version} is too slow to serve.", value=f"{median:.1f} ms a row",
                         limit=f"{slowest_ms:g} ms", remedy="Set HEADGATE_SLOWEST_MS if that is fast enough.")
    return median


def _put_together(wanted, digest, limits):
    spec = read_spec_of(wanted.folder)
    scorer = Scorer(wanted.folder / "model.onnx")
    _check_fit(wanted, spec, scorer)
    classes = tuple(spec.target.classes)
    return Served(wanted.model, wanted.version or digest[:12], wanted.role, digest, spec, scorer,
                  BatchReader(spec, limit=limits.max_rows), _facts(wanted.folder),
                  Gather(spec, scorer, Alone(spec, scorer)), classes,
                  tuple(spec.target.labels.get(name, name) for name in classes))


def _check_fit(wanted, spec, scorer):
    if spec.name != wanted.model:
        raise BundleBroken(f"{wanted.folder} is a bundle of another model.", value=spec.name, limit=wanted.model)
    if set(scorer.names) != set(spec.column_names):
        raise BundleBroken(f"{wanted.folder}: the graph and the spec have different columns.",
                           value=", ".join(sorted(set(scorer.names) ^ set(spec.column_names))))
    wrong = [column.name for column in spec.columns if scorer.is_text(column.name) != (column.kind == "category")]
    if wrong:
        raise BundleBroken(f"{wanted.folder}: the graph and the spec have different kinds.", value=", ".join(wrong))


def _facts(folder):
    return {"lineage": read_lineage(folder), "evaluation": read_evaluation(folder), "gates": read_gates(folder),
            "reference": read_part(folder, "reference") if (folder / "reference.json").is_file() else {}}


def _difference(got, expected):
    if got.shape != expected.shape:
        return f"shape {got.shape} instead of {expected.shape}"
    return f"a probability is off by {np.max(np.abs(got - expected)):.3g}"
