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
from api.openapi.facts import check_facts
from api.sources.wanted import DIGITS
from headgate.bundle import read_evaluation, read_gates, read_lineage, verify
from headgate.bundle.golden import expected_answers, golden_rows
from headgate.bundle.read import read_part, read_spec_of
from headgate.errors import BundleBroken, GraphError
from headgate.graph.scorer import Scorer
from headgate.rows.batch import BatchReader

log = logging.getLogger("headgate.api.models")
WARM = 50
FEW, MANY = 20, 100     # rows at the slowest that are time enough to be seen too slow, and to answer the golden rows
LEAST_SECONDS = 5.0     # of each, for a machine that is busy
SLOW = "Set HEADGATE_SLOWEST_MS if that is fast enough."


@dataclass(frozen=True)
class Limits:
    """max_rows : of a batch. slowest_ms : median of a single row."""

    max_rows: int
    slowest_ms: float


def load(wanted, limits, over=None):
    """Return the Served for a Wanted, proved and warm. over : Event that ends the attempt.

    Raises BundleBroken for files that are not those of the manifest or of each other, GraphError for a graph that
    cannot be loaded, does not answer its golden rows, answers what is no probability, or is too slow.
    """
    started = time.perf_counter()
    digest = verify(wanted.folder, digest=wanted.digest or None)
    served = _put_together(wanted, digest, limits)
    check_facts(served, wanted.folder)
    rows = golden_rows(wanted.folder, served.spec)
    if not rows:
        raise BundleBroken(f"{wanted.folder} has no golden rows, so nothing can be proved of it.")
    with served.scorer.within(_seconds(FEW, limits), over=over, remedy=SLOW):     # slow ones do not get to the rest
        took = warm_up(served, rows[0], limits.slowest_ms)
    with served.scorer.within(_seconds(MANY, limits), over=over, remedy=SLOW):
        prove(served, wanted.folder, rows, limits.max_rows)
    log.info("%s %s is loaded and proved", served.model, served.version,
             extra={"model": served.model, "version": served.version, "digest": digest, "row_ms": round(took, 3),
                    "seconds": round(time.perf_counter() - started, 3)})
    return served


def prove(served, folder, rows, most):
    """Answer the golden `rows` as requests, alone and as batches; raise BundleBroken if an answer is another.

    most : rows that a batch may have here.
    """
    golden = expected_answers(folder)
    expected = np.asarray(golden["probabilities"], dtype=float)
    alone = [orjson.loads(served.answer_one(orjson.dumps(row), "", now()).payload) for row in rows]
    batch = [one for start in range(0, len(rows), most) for one in _together(served, rows[start:start + most])]
    for how, answers in (("alone", alone), ("in a batch", batch)):
        got = np.array([[one["probabilities"][name] for name in served.classes] for one in answers])
        if got.shape != expected.shape or not np.max(np.abs(got - expected)) <= golden["tolerance"]:
            raise BundleBroken(f"{folder}: golden rows asked {how} are not answered as they must be.",
                               value=_difference(got, expected), limit=golden["tolerance"],
                               remedy="The bundle, or the ONNX runtime here, is not the one that was judged.")


def _seconds(rows, limits):
    return max(LEAST_SECONDS, rows * limits.slowest_ms / 1000)


def _together(served, rows):
    return orjson.loads(served.answer_batch(orjson.dumps({"instances": rows}), "", now()).payload)["predictions"]


def warm_up(served, row, slowest_ms):
    """Answer a row until the graph is warm; return the median in milliseconds, or raise GraphError."""
    body, times = orjson.dumps(row), []
    for _ in range(WARM):
        before = time.perf_counter()
        served.answer_one(body, "", 0)
        times.append((time.perf_counter() - before) * 1000)
        if sum(times) > FEW * slowest_ms:
            break
    median = float(np.median(times))
    if median > slowest_ms:
        raise GraphError(f"{served.model} {served.version} is too slow to serve.", value=f"{median:.1f} ms a row",
                         limit=f"{slowest_ms:g} ms", remedy=SLOW)
    return median


def _put_together(wanted, digest, limits):
    spec = read_spec_of(wanted.folder)
    scorer = Scorer(wanted.folder / "model.onnx")
    _check_fit(wanted, spec, scorer)
    classes, facts = tuple(spec.target.classes), _facts(wanted.folder)
    judged = facts["evaluation"].get("classes", spec.target.classes)
    if judged != spec.target.classes:
        raise BundleBroken(f"{wanted.folder}: the classes of the spec are not those that were judged, in their order.",
                           value=", ".join(classes), limit=", ".join(judged))
    return Served(wanted.model, wanted.version or digest[:DIGITS], wanted.role, digest, spec, scorer,
                  BatchReader(spec, limit=limits.max_rows), facts, Gather(spec, scorer, Alone(spec, scorer)),
                  classes, tuple(spec.target.labels.get(name, name) for name in classes))


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
