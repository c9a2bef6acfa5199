"""Who is due, from decisions of several machines."""

import json
import os
import shutil
from unittest import mock

import pytest
from receiver import receiving
from typer.testing import CliRunner

from flows.launch.announce import app as announce
from headgate.candidates.missing import read_missing
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


def due(folder, *words):
    return CliRunner().invoke(app, ["due", str(folder), "--json", *words])


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


def test_a_model_about_which_nothing_could_be_decided_is_told_and_costs_the_others_nothing(decided, tmp_path):
    decided("shop", True, "It is Monday.")
    output = tmp_path / "decided"
    answer = due(decided("teas", False, "No training is due."), "--expect", '["bad", "shop", "teas"]',
                 "--output", str(output))
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (answer.exit_code, told["names"]) == (2, "shop")
    assert "bad: whether a training is due could not be decided. Nothing was decided" in told["sentence"]
    [missing] = read_missing(output)
    assert (missing.model, missing.flow) == ("bad", "retrain") and "bad" in (output / "report.md").read_text()
    assert {path.name for path in output.iterdir()} == {"shop", "teas", "report.md", "missing.json"}
    with receiving() as team, mock.patch.dict(os.environ, {"HEADGATE_NOTIFY": team.url,
                                                           "HEADGATE_ROOT": str(tmp_path / "team")}):
        assert CliRunner().invoke(announce, [str(output)]).exit_code == 0
    assert {said["model"]: said["kind"] for _, said in team.got} == {"teas": "not_retrained", "bad": "failed"}


def test_when_the_only_model_cannot_decide_it_is_told_all_the_same(tmp_path):
    answer = due(tmp_path / "none", "--expect", '["shop"]', "--output", str(tmp_path / "decided"))
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (answer.exit_code, told["names"]) == (2, "") and [one["model"] for one in told["missing"]] == ["shop"]
    assert [one.model for one in read_missing(tmp_path / "decided")] == ["shop"]


@pytest.mark.parametrize("change", [{"train": "maybe"}, {"train": None}, {"sentence": 3}, {"reasons": [3]},
                                    {"outcome": "fine"}])
def test_a_malformed_decision_costs_its_own_model(decided, change):
    path = decided("shop", True, "It is Monday.") / "decision-shop" / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    answer = due(decided("teas", True, "Drift."))
    told = json.loads(answer.stdout.splitlines()[-1])
    assert (answer.exit_code, told["names"]) == (2, "teas") and [one["model"] for one in told["missing"]] == ["shop"]


def test_a_decision_of_a_model_that_was_not_asked_about_is_not_used(decided):
    decided("urn", True, "It is Monday.")
    answer = due(decided("teas", True, "Drift."), "--expect", '["teas"]')
    assert answer.exit_code == 0 and json.loads(answer.stdout.splitlines()[-1])["names"] == "teas"
    assert "decision-urn" in answer.stderr


def test_two_decisions_about_one_model_are_none(decided):
    folder = decided("teas", True, "Drift.")
    shutil.copytree(folder / "decision-teas", folder / "again")
    assert due(folder).exit_code == 2
