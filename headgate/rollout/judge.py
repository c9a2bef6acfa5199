"""Whether errors or latency rose: the figures of a version against those of the champion before it."""

import math
from dataclasses import asdict, dataclass

from headgate.gates.intervals import wilson
from headgate.rollout.traffic import ROUTES

CONFIDENCE = 0.999      # of each interval: a watch looks many times, and each look could be wrong
ENOUGH = 200            # requests on either side before latencies are compared
SLOW_SECONDS = 0.01     # a p99 under this is slow for nobody


@dataclass(frozen=True)
class Limits:
    """error_rise : by so much the share of errors may rise. slowdown : so many times as slow it may become."""

    error_rise: float
    slowdown: float


@dataclass(frozen=True)
class Finding:
    """rule : errors or latency. observed, limit : share, or seconds; None where there is nothing to compare."""

    rule: str
    route: str
    rose: bool
    observed: float | None
    limit: float | None
    sentence: str

    def to_dict(self):
        return asdict(self)


def judge(before, now, limits):
    """Return the Findings for two {route: Traffic}; routes that nobody asked are left out."""
    found = []
    for route in ROUTES:
        if now[route].requests:
            found += [judge_errors(route, before[route], now[route], limit=limits.error_rise),
                      judge_latency(route, before[route], now[route], limit=limits.slowdown)]
    return tuple(found)


def judge_errors(route, before, now, *, limit):
    """Errors rose when even the least share they may have is over the most they may have had, and by more than `limit`.

    Both by Wilson intervals. Without requests before, the share before counts as 0.
    """
    high = wilson(before.errors, before.requests, CONFIDENCE)[1] if before.requests else 0.0
    low = wilson(now.errors, now.requests, CONFIDENCE)[0]
    rose = low - high > limit
    then = f"{before.share:.2%} of {before.requests:,} before" if before.requests else "no requests before"
    sentence = f"{route}: {now.errors:,} of {now.requests:,} requests failed ({now.share:.2%}; {then})."
    return Finding("errors", route, rose, now.share, high + limit, sentence)


def judge_latency(route, before, now, *, limit):
    """Latency rose when the mean and the p99 both are over `limit` times what they were, and the p99 matters at all.

    Not judged with too few requests on either side.
    """
    mean, p99 = now.mean, now.quantile(0.99)
    if min(before.requests, now.requests) < ENOUGH:
        return Finding("latency", route, False, _number(p99), None,
                       f"{route}: latency is not judged under {ENOUGH} requests on either side "
                       f"({before.requests:,} before, {now.requests:,} now).")
    ceiling = max(limit * before.quantile(0.99), SLOW_SECONDS)
    rose = mean > limit * before.mean and p99 > ceiling
    return Finding("latency", route, rose, p99, ceiling,
                   f"{route}: mean {mean * 1000:.2g} ms and p99 {p99 * 1000:.2g} ms "
                   f"(before: {before.mean * 1000:.2g} ms and {before.quantile(0.99) * 1000:.2g} ms).")


def _number(value):
    return None if math.isnan(value) else value
