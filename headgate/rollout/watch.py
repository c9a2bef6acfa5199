"""Watch a version in production for a while, on production's own figures."""

import time
from dataclasses import dataclass

from headgate.errors import NotServing, ServiceAway
from headgate.rollout.judge import judge
from headgate.rollout.serving import look
from headgate.rollout.traffic import ROUTES, Traffic, ask_traffic, difference, together

LOOKS, QUICKEST, SLOWEST = 60, 0.5, 5.0


@dataclass(frozen=True)
class Watched:
    """ok : nothing rose.  sentence : what was seen.  findings : of the last look.  requests : that came meanwhile."""

    ok: bool
    sentence: str
    findings: tuple
    requests: int
    seconds: float


class Meter:
    """Adds up what several services count of a version, also across a start of one of them."""

    def __init__(self, services, model, version, digest):
        self.services, self.model, self.version, self.digest = services, model, version, digest
        self._last = {one.url: None for one in services}
        self.total = {route: Traffic() for route in ROUTES}

    def read(self):
        """Add what came since the last time, the first time nothing; return {route: Traffic}.

        Raises ServiceAway, or NotServing when another version serves.
        """
        for service in self.services:
            seen = look(service, self.model)
            if seen.digest != self.digest:
                raise NotServing(f"The service at {service.url} does not serve the version any more.", value=str(seen),
                                 limit=f"digest {self.digest[:16]}")
            now = ask_traffic(service, self.model, self.version)
            self.total = together([self.total, difference(now, self._last[service.url] or now)])
            self._last[service.url] = now
        return self.total


def watch(meter, before, limits, *, seconds, away_seconds, unmoved=lambda: None, clock=time.monotonic,
          sleep=time.sleep):
    """Return the Watched of `seconds`: early when something rose, or a service was away for `away_seconds`.

    meter : a Meter. before : {route: Traffic} of the champion before. unmoved : raises when somebody
    else moved who serves.
    """
    started, well = clock(), clock()
    every = min(max(seconds / LOOKS, QUICKEST), SLOWEST)
    findings = ()
    while True:
        unmoved()
        over, away = clock() - started >= seconds, None
        try:
            findings, well = judge(before, meter.read(), limits), clock()
        except (ServiceAway, NotServing) as error:
            away = error
        rose = [one.sentence for one in findings if one.rose]
        requests = sum(one.requests for one in meter.total.values())
        if rose or away and clock() - well >= away_seconds:
            sentence = " ".join(rose) or f"For {away_seconds:g} s: {away}"
            return Watched(False, sentence, findings, requests, clock() - started)
        if over and away is None:
            return Watched(True, _quiet(findings, requests, seconds), findings, requests, clock() - started)
        sleep(min(every, max(0.0, started + seconds - clock())) or every)


def _quiet(findings, requests, seconds):
    if not requests:
        return f"Nobody asked within {seconds:g} s, so nothing could rise."
    return f"Nothing rose within {seconds:g} s. " + " ".join(one.sentence for one in findings)
