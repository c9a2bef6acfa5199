"""The watch: it ends early when something rises, and stands a service that is away for a moment."""

import pytest

from headgate.errors import AliasMoved, ServiceAway
from headgate.rollout.judge import Limits
from headgate.rollout.traffic import Traffic
from headgate.rollout.watch import watch

LIMITS = Limits(error_rise=0.01, slowdown=2.0)
BEFORE = {"predict": Traffic(1000, 0, 1.0), "predict_batch": Traffic()}


class Clock:
    """Time that passes only while somebody sleeps."""

    now = 0.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.now += seconds


class Meter:
    """Tells what `at(seconds)` says: requests and errors so far, or nothing when the service is away."""

    def __init__(self, clock, at):
        self.clock, self.at, self.total = clock, at, {"predict": Traffic(), "predict_batch": Traffic()}

    def read(self):
        found = self.at(self.clock())
        if found is None:
            raise ServiceAway("gone")
        self.total = {"predict": Traffic(*found, found[0] * 0.001), "predict_batch": Traffic()}
        return self.total


def watched(at, **more):
    clock = Clock()
    return watch(Meter(clock, at), BEFORE, LIMITS, **{"seconds": 60, "away_seconds": 10, "clock": clock,
                                                      "sleep": clock.sleep, **more}), clock


def test_nothing_rises():
    found, clock = watched(lambda now: (int(now * 10), 0))
    assert found.ok and found.requests == 600 and clock() == pytest.approx(60)
    assert "Nothing rose within 60 s" in found.sentence


def test_nobody_asked():
    found, _ = watched(lambda now: (0, 0))
    assert found.ok and "Nobody asked" in found.sentence and found.findings == ()


def test_errors_that_begin_later_end_it_at_once():
    found, clock = watched(lambda now: (int(now * 10), max(0, int((now - 20) * 10))))
    assert not found.ok and 20 < clock() < 25 and "requests failed" in found.sentence


def test_a_service_that_is_away_for_a_moment_is_waited_for():
    found, _ = watched(lambda now: None if 20 < now < 28 else (10, 0))
    assert found.ok


def test_one_that_is_away_at_the_end_is_waited_for_too():
    found, clock = watched(lambda now: None if 55 < now < 62 else (10, 0))
    assert found.ok and clock() >= 62


def test_one_that_stays_away_is_a_no():
    found, clock = watched(lambda now: None if now > 20 else (10, 0))
    assert not found.ok and found.sentence == "For 10 s: gone" and clock() < 35


def test_errors_that_rise_between_two_absences_are_seen():
    found, _ = watched(lambda now: None if int(now) % 4 else (int(now * 10), int(now * 10)))
    assert not found.ok and "requests failed" in found.sentence


def test_a_champion_that_somebody_moved_ends_it():
    def moved():
        raise AliasMoved("moved")
    with pytest.raises(AliasMoved):
        watched(lambda now: (10, 0), unmoved=moved)
