"""Whether errors or latency rose: the figures of a version against those of the champion before it."""

import math
from dataclasses import asdict, dataclass

from headgate.gates.intervals import wilson
from headgate.rollout.traffic import ROUTES

CONFIDENCE = 0.999      # of each test: a watch looks many times, and each look could be wrong
FEWEST = 5              # requests that failed: fewer are one caller's mistake
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
    """Errors rose when even the least share they may have (Wilson) is more than `limit` over the share before, and two
    samples of one share would hardly ever differ so (Fisher's exact test).

    Not with fewer than five that failed. Without requests before, the share before counts as 0.
    """
    ceiling = limit + (before.share if before.requests else 0.0)
    low = wilson(now.errors, now.requests, CONFIDENCE)[0]
    rose = bool(now.errors >= FEWEST and low > ceiling and _by_chance(before, now) < 1 - CONFIDENCE)
    then = f"{before.share:.2%} of {before.requests:,} before" if before.requests else "no requests before"
    sentence = f"{route}: {now.errors:,} of {now.requests:,} requests failed ({now.share:.2%}; {then})."
    return Finding("errors", route, rose, now.share, ceiling, sentence)


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


def _by_chance(before, now):
    """Return how probable so few errors before, or fewer, are of all that failed then and now; 0 without requests."""
    from scipy.stats import hypergeom

    failed, requests = before.errors + now.errors, before.requests + now.requests
    return hypergeom.cdf(before.errors, requests, failed, before.requests) if before.requests else 0.0


def _number(value):
    return None if math.isnan(value) else value
