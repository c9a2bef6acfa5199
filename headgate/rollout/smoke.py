"""Smoke tests of a service that serves a version, golden rows among them; over HTTP, each within its time."""

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

from headgate.bundle import read_golden, read_spec
from headgate.bundle.golden import golden_rows
from headgate.errors import HeadgateError, NotServing

NO_COLUMN = "headgate_no_such_column"


@dataclass(frozen=True)
class Check:
    """name, whether it passed, and one sentence."""

    name: str
    ok: bool
    sentence: str


@dataclass(frozen=True)
class Wanted:
    """What a service must serve. golden : rows as a client sends them. expected : (n, k) probabilities."""

    model: str
    digest: str
    classes: tuple
    rows: tuple
    expected: tuple
    tolerance: float

    @classmethod
    def of(cls, folder, model, digest):
        """Read it from the bundle in `folder`."""
        folder = Path(folder)
        spec, golden = read_spec(folder), read_golden(folder)
        return cls(model, digest, tuple(spec.target.classes), tuple(golden_rows(folder, spec)),
                   tuple(map(tuple, golden["probabilities"])), golden["tolerance"])


def run_smoke(service, wanted, *, seconds, clock=time.monotonic):
    """Return the Check of every smoke test, in order; none begins after `seconds`."""
    started, found = clock(), []
    for name, check in CHECKS:
        if clock() - started > seconds:
            found.append(Check(name, False, f"not begun: the tests before it took over {seconds:g} s"))
            continue
        try:
            found.append(Check(name, True, check(service, wanted)))
        except HeadgateError as error:
            found.append(Check(name, False, str(error)))
    return tuple(found)


def check_alive(service, wanted):
    """GET /health answers, and a model is loaded."""
    found = asked(service.get("/health"), "/health").document
    if not found.get("model_loaded"):
        raise NotServing("/health says that no model is loaded.", value=found.get("status"))
    return f"alive, status {found.get('status')}"


def check_digest(service, wanted):
    """GET /models/NAME says this very digest."""
    path = f"/models/{wanted.model}"
    seen = asked(service.get(path), path).document.get("digest")
    if seen != wanted.digest:
        raise NotServing(f"{path} does not say the digest of this version.", value=str(seen)[:16],
                         limit=wanted.digest[:16])
    return f"{path} says digest {wanted.digest[:12]}"


def check_alone(service, wanted):
    """POST /models/NAME/predict answers each golden row as it must be."""
    path, worst = f"/models/{wanted.model}/predict", 0.0
    for row, expected in zip(wanted.rows, wanted.expected):
        answer = asked(service.post(path, row, probe=True), path).document
        worst = max(worst, _difference(answer, wanted, expected, path))
    return f"{len(wanted.rows)} golden rows alone, off by at most {worst:.1g}"


def check_batch(service, wanted):
    """POST /models/NAME/predict/batch answers them together."""
    path = f"/models/{wanted.model}/predict/batch"
    answers = asked(service.post(path, {"instances": list(wanted.rows)}, probe=True), path).document.get("predictions")
    if not isinstance(answers, list) or len(answers) != len(wanted.rows):
        raise NotServing(f"{path} does not answer every row.", limit=f"{len(wanted.rows)} predictions")
    worst = max(_difference(one, wanted, expected, path) for one, expected in zip(answers, wanted.expected))
    return f"{len(wanted.rows)} golden rows in a batch, off by at most {worst:.1g}"


def check_refusal(service, wanted):
    """A column that there is not gets 422 and is named."""
    path = f"/models/{wanted.model}/predict"
    reply = service.post(path, {**wanted.rows[0], NO_COLUMN: 1}, probe=True)
    named = [one.get("field") for one in reply.document.get("errors") or () if isinstance(one, dict)]
    if reply.status != 422 or NO_COLUMN not in named:
        raise NotServing(f"{path} takes a row with a column that there is not.", value=f"status {reply.status}",
                         limit="422, naming the column")
    return "a row that breaks the spec gets 422, naming the column"


def check_documented(service, wanted):
    """GET /openapi.json has the model's route."""
    path = f"/models/{wanted.model}/predict"
    if path not in (asked(service.get("/openapi.json"), "/openapi.json").document.get("paths") or {}):
        raise NotServing("/openapi.json does not document the model.", limit=path)
    return f"/openapi.json documents {path}"


def check_metrics(service, wanted):
    """GET /metrics counts requests."""
    text = asked(service.get("/metrics"), "/metrics").text
    if "headgate_requests_total{" not in text:
        raise NotServing("/metrics counts no requests.", limit="headgate_requests_total")
    return "/metrics counts requests"


def asked(reply, path):
    """Return the Reply if it is 200; raise NotServing otherwise."""
    if reply.status != 200:
        raise NotServing(f"{path} answered {reply.status}.", value=reply.detail, limit="200",
                         remedy="Does the service ask for an API key? See docs/deploying.md."
                         if reply.status in (401, 403) else None)
    return reply


CHECKS = (("alive", check_alive), ("digest", check_digest), ("golden rows alone", check_alone),
          ("golden rows in a batch", check_batch), ("bad row", check_refusal), ("documentation", check_documented),
          ("metrics", check_metrics), ("digest afterwards", check_digest))
GOLDEN = (check_alone, check_batch, check_digest)


def _difference(answer, wanted, expected, path):
    """Return by how much the answer to one row is off; raise NotServing when by too much."""
    told = answer.get("probabilities") or {}
    got = [told.get(name) for name in wanted.classes]
    if not all(isinstance(one, (int, float)) for one in got):
        raise NotServing(f"{path} answers a golden row without probabilities.", value=json.dumps(answer)[:200])
    worst = max(abs(one - other) for one, other in zip(got, expected))
    if not worst <= wanted.tolerance or math.isnan(worst):
        raise NotServing(f"{path} does not answer the golden rows as they must be.",
                         value=f"a probability is off by {worst:.3g}", limit=wanted.tolerance)
    return worst
