"""All gates together: what decides, what is written down, and that every one of them counts."""

import json
import math
import pickle
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from headgate.errors import HeadgateError
from headgate.gates import ChampionEvidence, CostEvidence, Evidence, GateResult, ParityEvidence, Verdict, judge
from headgate.gates import markdown_table, plain_table
from headgate.gates.verdict import GATES
from headgate.spec.gates import (BaselineGate, CalibrationGate, ChampionGate, CostGate, CrossValidationGate, MetricGate,
                                 ParityGate, SlicesGate, with_defaults)

DEFAULTS = with_defaults(None)
ALL_NAMES = ["accuracy", "cross_validation", "baseline", "champion", "slices", "calibration", "parity", "cost"]


def champion_right_on(y, right):
    told = np.where(np.arange(len(y)) < len(y) - right, 1 - y, y)
    return ChampionEvidence(told, np.ones(len(y), bool), "3")


def failed(verdict):
    return [gate.name for gate in verdict.gates if gate.verdict == "fail"]


def test_a_candidate_that_passes_every_gate_is_promoted(candidate):
    verdict = judge(candidate(), DEFAULTS)
    assert [gate.name for gate in verdict.gates] == ALL_NAMES
    assert (verdict.decision, verdict.sentence) == ("promote", "Passed all 8 gates.")


Y = np.arange(1000) % 2
SLICES = {"origin": (np.where(np.arange(1000) < 500, "JFK", "EWR"), None)}
ONE_FAULT = {
    "accuracy": ({"right": 890}, MetricGate()),
    "cross_validation": ({"folds": (0.5, 0.5, 0.5)}, CrossValidationGate()),
    "baseline": ({"probabilities": np.tile([0.6, 0.4], (1000, 1))}, BaselineGate()),
    "champion": ({"champion": champion_right_on(Y, 1000)}, ChampionGate()),
    "slices": ({"right": 600, "slices": SLICES}, SlicesGate()),
    "calibration": ({"probabilities": np.where(Y[:, None] == np.arange(2), 0.55, 0.45)}, CalibrationGate()),
    "parity": ({"parity": ParityEvidence(0.0, 0, 1, 1000, True)}, ParityGate()),
    "cost": ({"cost": CostEvidence(21.0, 1.0)}, CostGate()),
    "roc_auc": ({"right": 500}, MetricGate(gate="metric", metric="roc_auc", at_least=0.9)),
}


@pytest.mark.parametrize("name", ONE_FAULT)
def test_every_gate_alone_can_reject(candidate, name):
    changes, gate = ONE_FAULT[name]
    verdict = judge(candidate(**changes), (gate,))
    assert (verdict.decision, failed(verdict)) == ("reject", [name])
    assert name in verdict.sentence


def test_every_entry_of_a_spec_has_a_judge():
    assert {gate.gate for gate in DEFAULTS} | {"metric"} == set(GATES)


def test_a_gate_that_nothing_judges_is_an_error_and_not_a_pass(candidate):
    with pytest.raises(HeadgateError, match="No gate of that name can be run. Seen: fairness"):
        judge(candidate(), (SimpleNamespace(gate="fairness"),))


def test_all_gates_run_after_the_first_has_failed(candidate):
    verdict = judge(candidate(right=600, cost=None, parity=None), DEFAULTS)
    assert [gate.name for gate in verdict.gates] == ALL_NAMES
    assert failed(verdict) == ["accuracy", "parity", "cost"]
    assert verdict.sentence == "Rejected by accuracy, parity, cost (5 of 8 gates passed)."


def test_a_small_holdout_beside_a_champion_is_held(candidate):
    evidence = candidate(70, 68, champion=champion_right_on(np.arange(70) % 2, 68))
    verdict = judge(evidence, DEFAULTS)
    assert (verdict.decision, verdict.sentence) == ("hold", "Held by champion (7 of 8 gates passed).")


def test_a_failure_goes_before_a_hold(candidate):
    evidence = candidate(70, 68, champion=champion_right_on(np.arange(70) % 2, 68), cost=None)
    assert judge(evidence, DEFAULTS).decision == "reject"


def test_no_gates_promote_nothing(candidate):
    verdict = judge(candidate(), ())
    assert (verdict.decision, verdict.gates) == ("hold", ())
    assert "without a gate nothing is ever promoted" in verdict.sentence
    assert plain_table(verdict) == markdown_table(verdict) == verdict.sentence


def test_cross_validation_takes_the_floor_of_the_accuracy_gate(candidate):
    evidence = candidate(folds=(0.95, 0.95, 0.95))
    strict = with_defaults([MetricGate(at_least=0.98)])
    found = {gate.name: gate for gate in judge(evidence, strict).gates}
    assert (found["cross_validation"].limit, found["cross_validation"].verdict) == (0.96, "fail")
    alone = judge(evidence, (CrossValidationGate(),)).gates[0]
    assert (alone.limit, alone.verdict) == (0.88, "pass")


def test_the_slices_gate_knows_what_the_spec_calls_small(candidate):
    evidence = candidate(100, 79, slices={"origin": (np.full(100, "JFK"), None)})
    assert judge(evidence, (SlicesGate(),)).decision == "promote"
    assert judge(evidence, (SlicesGate(small_under=100),)).decision == "reject"


@pytest.mark.parametrize("rows", [0, 1, 1000])
def test_nan_everywhere_is_rejected_without_an_error(rows):
    champion = ChampionEvidence(np.zeros(rows, int), np.ones(rows, bool), "3")
    evidence = Evidence(np.zeros(rows, int), np.full((rows, 3), math.nan), ("a", "b", "c"), folds=(math.nan,) * 3,
                        champion=champion, parity=ParityEvidence(math.nan, 0, 0, rows, True),
                        slices={"origin": (np.full(rows, "JFK"), None)}, cost=CostEvidence(math.nan, math.nan))
    verdict = judge(evidence, DEFAULTS)
    assert verdict.decision == "reject"
    assert {"accuracy", "cross_validation", "baseline", "calibration", "parity", "cost"} <= set(failed(verdict))
    json.dumps(verdict.to_dict(), allow_nan=False)


def test_a_holdout_of_one_class_is_rejected(candidate):
    ones = np.ones(1000, int)
    verdict = judge(candidate(y=ones, probabilities=np.tile([0.01, 0.99], (1000, 1))), DEFAULTS)
    assert (verdict.decision, failed(verdict)) == ("reject", ["baseline"])


def test_an_empty_holdout_is_rejected(candidate):
    assert judge(candidate(0, 0), DEFAULTS).decision == "reject"


def test_the_threshold_decides_the_class():
    probabilities = np.array([[0.7, 0.3], [0.71, 0.29]])
    assert Evidence(np.array([1, 0]), probabilities, ("no", "yes"), threshold=0.3).predicted.tolist() == [1, 0]
    assert Evidence(np.array([1, 0]), probabilities, ("no", "yes")).predicted.tolist() == [0, 0]


@pytest.mark.parametrize("change", [
    {"probabilities": np.zeros((3, 2))}, {"rule_predictions": np.zeros(3)}, {"slices": {"origin": (np.zeros(3), None)}},
    {"champion": ChampionEvidence(np.zeros(3), np.ones(1000, bool), "3")},
    {"champion": ChampionEvidence(np.zeros(3), np.ones(3, bool), "3")}])
def test_arrays_that_do_not_fit_together_are_an_error(candidate, change):
    with pytest.raises(HeadgateError, match="has the wrong shape"):
        candidate(**change)


def test_a_verdict_survives_json_and_pickling(candidate):
    evidence = candidate(champion=champion_right_on(Y, 910), slices=SLICES, folds=(0.9, math.nan, 0.9))
    verdict = judge(evidence, DEFAULTS)
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    assert Verdict.from_dict(json.loads(json.dumps(verdict.to_dict(), allow_nan=False))) == verdict
    hash(verdict)


def test_a_verdict_is_frozen(candidate):
    verdict = judge(candidate(), DEFAULTS)
    with pytest.raises(AttributeError):
        verdict.decision = "promote"
    with pytest.raises(AttributeError):
        verdict.gates[0].verdict = "pass"


def test_a_result_holds_only_what_json_knows():
    details = {"a": np.arange(2), "b": (math.inf, np.bool_(True))}
    result = GateResult("cost", math.nan, np.float64(2.0), "fail", "", details)
    assert (result.observed, result.limit, result.details) == (None, 2.0, {"a": [0, 1], "b": [None, True]})


def test_a_word_that_is_no_outcome_is_an_error():
    with pytest.raises(ValueError, match="pass, hold or fail"):
        Verdict.over([GateResult("cost", 1.0, 2.0, "passed", "")])


def test_the_plain_table_has_a_line_per_gate_and_ends_with_the_decision(candidate):
    lines = plain_table(judge(candidate(), DEFAULTS)).splitlines()
    assert lines[0].split() == ["gate", "observed", "limit", "verdict"]
    assert [line.split()[0] for line in lines[1:-1]] == ALL_NAMES
    assert lines[1].split()[:4] == ["accuracy", "0.92", "0.9", "pass"]
    assert lines[-1] == "Passed all 8 gates."


def test_the_markdown_table_cannot_be_broken_by_a_name():
    verdict = Verdict.over([GateResult("slices", None, 0.8, "fail", "Under: a|b=<script>\nc_d*")])
    table = markdown_table(verdict).splitlines()
    assert table[2] == "| slices | - | 0.8 | fail | Under: a\\|b=\\<script\\> c\\_d\\* |"
    assert table[-1] == "Rejected by slices (0 of 1 gates passed)."


def test_importing_the_gates_is_light():
    heavy = "('pandas', 'scipy', 'sklearn', 'mlflow', 'pydantic', 'onnx', 'onnxruntime', 'matplotlib')"
    code = f"import sys, headgate.gates; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("entry, message", [
    ({"at_least": 90}, "a share from 0 to 1"), ({"at_least": math.nan}, "a share from 0 to 1"),
    ({"metric": "log_loss", "at_most": -0.1}, "a number from 0 up"), ({"metric": "f1"}, "f1 needs at_least"),
    ({"metric": "log_loss", "at_least": 0.1}, "gated by at_most")])
def test_a_limit_that_makes_no_sense_is_no_gate(entry, message):
    with pytest.raises(ValueError, match=message):
        MetricGate(**entry)
