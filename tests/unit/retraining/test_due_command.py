"""Who is due, from decisions of several machines."""

import json

import pytest
from typer.testing import CliRunner

from headgate.commands.app import app


@pytest.fixture
def decided(tmp_path):
    def write(model, train, sentence):
        folder = tmp_path / "decisions" / f"decision-{model}"
        folder.mkdir(parents=True)
        (folder / "summary.json").write_text(json.dumps({"flow": "retrain", "model": model, "train": train,
                                                         "sentence": sentence}))
        return tmp_path / "decisions"
    return write


def due(folder):
    return CliRunner().invoke(app, ["due", str(folder), "--json"])


def test_those_that_are_due_are_named_and_the_others_told(decided):
    decided("teas", True, "Drift: colour moved.")
    decided("shop", False, "No training is due.")
    answer = due(decided("kettle", True, "It is Monday."))
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (answer.exit_code, told["names"], told["models"]) == (0, "kettle,teas", ["kettle", "teas"])
    assert "shop: not due. No training is due." in told["sentence"]


def test_nobody_is_due(decided):
    answer = due(decided("shop", False, "No training is due."))
    assert answer.exit_code == 0 and json.loads(answer.stdout.splitlines()[-1])["names"] == ""


def test_no_decision_at_all_is_no_answer(tmp_path):
    (tmp_path / "decisions").mkdir()
    assert due(tmp_path / "decisions").exit_code == 2
