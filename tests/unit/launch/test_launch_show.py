"""What is printed of the gates: a table, and words where the numbers alone do not tell the verdict."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from flows.launch.gates import gate_sentences
from flows.launch.show import show_training
from headgate.gates.calibration import calibration_gate


def gate(name, observed, limit, verdict):
    return {"name": name, "observed": observed, "limit": limit, "verdict": verdict, "sentence": f"Why {name}."}


@pytest.mark.parametrize("name, observed, limit, verdict, told", [
    ("accuracy", 0.91, 0.9, "pass", False), ("accuracy", 0.9, 0.9, "pass", False),
    ("accuracy", 0.89, 0.9, "fail", True),
    ("calibration", 0.04, 0.1, "pass", False), ("calibration", 0.1163, 0.1, "pass", True),
    ("log_loss", 0.3, 0.4, "pass", False), ("parity", 1e-7, 1e-4, "pass", False), ("parity", 1e-3, 1e-4, "pass", True),
    ("cost", 0.1, 20.0, "pass", False), ("cost", 0.1, 20.0, "fail", True), ("slices", 0.7, 0.8, "pass", True),
    ("cross_validation", 0.88 - 1e-13, 0.88, "pass", False), ("champion", None, -0.02, "pass", False),
    ("champion", 0.001, -0.02, "hold", True), ("champion", None, -0.02, "hold", True)])
def test_a_gate_is_put_in_words_where_its_numbers_do_not_tell_its_verdict(name, observed, limit, verdict, told):
    assert gate_sentences([gate(name, observed, limit, verdict)]) == ([f"{name}: Why {name}."] if told else [])


def summary(*gates, **more):
    return {"model": "shop", "outcome": "promoted", "version": "1", "gates": list(gates), "report": None, **more}


def test_calibration_by_chance_is_explained_below_the_table(capsys):
    probabilities = np.tile([[0.3, 0.7]], (12, 1))
    judged = calibration_gate(SimpleNamespace(y=np.array([1] * 6 + [0] * 6), probabilities=probabilities), at_most=0.1)
    assert judged.verdict == "pass" and judged.observed > 0.1

    assert show_training(summary(judged.to_dict()), False) == 0

    said = capsys.readouterr().out
    table, words = said.split("└")
    assert "calibration" in table and "on so few rows a perfectly calibrated model may show as much" in words


def test_where_every_number_tells_its_verdict_nothing_is_added(capsys):
    show_training(summary(gate("accuracy", 0.95, 0.9, "pass"), gate("champion", None, -0.02, "pass")), True)
    said = capsys.readouterr()
    assert "Why" not in said.err and json.loads(said.out)["outcome"] == "promoted"
