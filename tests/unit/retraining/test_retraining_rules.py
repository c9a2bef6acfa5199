"""Every rule just below, at and just above its limit, what holds a training back, and what a decision says."""

from dataclasses import replace
from datetime import date, timedelta

import ferries
import pytest

from headgate.retraining.decide import decide, without_champion
from headgate.retraining.evidence import NewLabels
from headgate.retraining.rules import Facts, holds, reasons

TODAY = date(2026, 6, 1)
CALM = {"drift": False, "weighted_share": 0.1, "max_weighted_share": 0.3, "sentence": "No drift worth retraining for."}
FACTS = Facts(TODAY, TODAY - timedelta(days=10), 1000, CALM, NewLabels(60, 40, 600, 570))


def spec(**retraining):
    return ferries.spec(retraining=retraining)


def rule(name, facts=FACTS, **retraining):
    return next(one for one in (*reasons(spec(**retraining), facts), *holds(spec(**retraining), facts))
                if one.rule == name)


@pytest.mark.parametrize("age, fires", [(29, False), (30, True), (31, True)])
def test_the_schedule(age, fires):
    found = rule("schedule", replace(FACTS, trained=TODAY - timedelta(days=age)))
    assert (found.fires, found.observed, found.limit) == (fires, age, 30)


def test_the_day_may_lie_before_the_training():
    assert not rule("schedule", replace(FACTS, trained=TODAY + timedelta(days=90))).fires


@pytest.mark.parametrize("right, fires", [(539, True), (540, False), (541, False)])
def test_accuracy_on_new_labels_under_the_floor(right, fires):
    found = rule("accuracy", replace(FACTS, labels=NewLabels(600, 0, 600, right)))
    assert found.fires is fires and found.limit == 0.9 and found.observed == pytest.approx(right / 600)


@pytest.mark.parametrize("judged, fires", [(499, False), (500, True), (0, False)])
def test_accuracy_is_not_judged_on_few_rows(judged, fires):
    found = rule("accuracy", replace(FACTS, labels=NewLabels(judged, 0, judged, judged // 2)))
    assert found.fires is fires and ("not judged" in found.sentence) is not fires


def test_the_floor_is_the_specs_own_or_that_of_its_gate():
    assert rule("accuracy", min_accuracy=0.7).limit == 0.7
    gated = ferries.spec(gates=[{"gate": "accuracy", "at_least": 0.8}])
    assert next(one for one in reasons(gated, FACTS) if one.rule == "accuracy").limit == 0.8
    free = next(one for one in reasons(ferries.spec(gates=[]), FACTS) if one.rule == "accuracy")
    assert free.limit is None and not free.fires


@pytest.mark.parametrize("rows, fires", [(199, False), (200, True), (201, True)])
def test_enough_new_rows(rows, fires):
    found = rule("new_rows", replace(FACTS, labels=NewLabels(rows - 100, 100, 0, 0)))
    assert found.fires is fires and found.observed == rows / 1000 and found.limit == 0.2


@pytest.mark.parametrize("name, off", [
    ("schedule", {"every_days": None}), ("drift", {"drift": False}), ("new_rows", {"new_rows_share": None})])
def test_a_rule_that_is_off_never_fires(name, off):
    loud = Facts(TODAY, date(2020, 1, 1), 10, {**CALM, "drift": True}, NewLabels(1000, 0, 0, 0))
    assert rule(name, loud).fires and not rule(name, loud, **off).fires


def test_drift_is_a_reason_in_its_own_words():
    found = rule("drift", replace(FACTS, drift={**CALM, "drift": True, "weighted_share": 0.9, "sentence": "Drift: x."}))
    assert (found.fires, found.observed, found.limit, found.sentence) == (True, 0.9, 0.3, "Drift: x.")
    held = {"drift": False, "weighted_share": None, "max_weighted_share": 0.3, "sentence": "Held: too few rows."}
    assert rule("drift", replace(FACTS, drift=held)).sentence == "Held: too few rows."


@pytest.mark.parametrize("age, limit, fires", [(None, 30, False), (0, 30, True), (29, 30, True), (30, 30, False),
                                               (900, None, True), (-1, 30, False)])
def test_a_challenger_that_waits_holds_until_it_is_old(age, limit, fires):
    facts = replace(FACTS, waiting=age if age is None else TODAY - timedelta(days=age))
    assert rule("challenger", facts, every_days=limit).fires is fires


@pytest.mark.parametrize("days, fires", [((0,), True), ((4,), True), ((5,), False), ((30, 4), True), ((), False),
                                         ((-3,), False)])
def test_the_cooldown_counts_from_the_last_training_that_is_not_ahead_of_the_day(days, fires):
    past = replace(FACTS, trainings=tuple(TODAY - timedelta(days=one) for one in days))
    assert rule("cooldown", past, cooldown_days=5).fires is fires


@pytest.mark.parametrize("days, fires", [((1, 2), True), ((1, 29), True), ((1, 30), False), ((1,), False),
                                         ((1, -1), False)])
def test_the_budget_counts_the_trainings_of_its_days(days, fires):
    past = replace(FACTS, trainings=tuple(TODAY - timedelta(days=one) for one in days))
    assert rule("budget", past, budget={"trainings": 2, "days": 30}).fires is fires


def test_a_budget_of_none_holds_always():
    assert rule("budget", budget={"trainings": 0}).fires


def test_without_a_reason_every_rule_says_why_not():
    decision = decide(spec(), FACTS)
    assert not decision.train and decision.outcome == "not_due" and decision.sentence.startswith("No training is due.")
    assert all(one.sentence in decision.sentence for one in decision.reasons)


def test_one_reason_is_enough_and_is_told():
    decision = decide(spec(), replace(FACTS, trained=TODAY - timedelta(days=40)))
    assert decision.train and decision.outcome == "due"
    assert decision.sentence == "A training is due: The champion's data ends 40 days ago; it is due after 30 days."


@pytest.mark.parametrize("change, told", [
    ({"trainings": (TODAY,)}, "The last training was 0 days ago"),
    ({"trainings": tuple(TODAY - timedelta(days=one) for one in range(1, 9))}, "8 of 8 trainings are used"),
    ({"labels": NewLabels()}, "No row has a new label")])
def test_what_holds_back_is_told_beside_the_reason_and_force_does_not_mind(change, told):
    facts = replace(FACTS, trained=TODAY - timedelta(days=40), **change)
    decision = decide(spec(), facts)
    assert not decision.train and told in decision.sentence and "40 days ago" in decision.sentence
    forced = decide(spec(), facts, force=True)
    assert forced.train and "--force" in forced.sentence and forced.holds == decision.holds


def test_a_model_without_a_champion_is_due():
    decision = without_champion("ferries")
    assert decision.train and "no champion yet" in decision.sentence and decision.reasons[0].fires
