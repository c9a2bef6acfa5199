"""What is planned for which change."""

import shutil
from pathlib import Path

import pytest
import yaml
from committing import git
from typer.testing import CliRunner

from headgate import ledger
from headgate.commands.app import app
from headgate.errors import SpecError
from headgate.state.changes import TRAINED, plan, trained_at
from headgate.training.lineage import git_commit
from headgate.training.request import SPEC
from headgate.workspace import Workspace

SPEC_OF = {"columns": [{"name": "x", "kind": "number"}], "target": {"column": "y", "classes": ["no", "yes"]},
           "algorithms": ["logistic_regression", "random_forest"]}


def write(root, name, text):
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


@pytest.fixture
def checkout(tmp_path, remote):
    """A repository of two models, the table of one of them in it; (workspace, first commit)."""
    root = tmp_path / "first"
    for name, table in (("kettle", "../../data/kettle.csv"), ("teapot", "https://example.org/teapot.csv")):
        write(root, f"models/{name}/model.yaml", yaml.safe_dump({"name": name, "data": {"source": {"csv": table}},
                                                                 **SPEC_OF}))
    write(root, "data/kettle.csv", "x,y\n1,no\n")
    return Workspace.from_environment({"HEADGATE_HOME": str(tmp_path / "home")}, root), commit(root)


def commit(root):
    git(root, "add", "-A"), git(root, "commit", "--quiet", "-m", "change")
    git(root, "push", "--quiet", "origin", "HEAD")
    return git(root, "rev-parse", "HEAD")


@pytest.mark.parametrize("changed, meant", [
    ("models/kettle/features.py", ["kettle"]), ("data/kettle.csv", ["kettle"]), ("models/teapot/README.md", ["teapot"]),
    ("headgate/gates/accuracy.py", ["kettle", "teapot"]), ("requirements.txt", ["kettle", "teapot"]),
    ("docs/data.md", []), ("data/other.csv", []), ("models/kettles/README.md", [])])
def test_a_change_means_the_models_it_reaches(checkout, changed, meant):
    workspace, before = checkout
    write(workspace.root, changed, "changed")
    commit(workspace.root)
    made = plan(workspace, since=before)
    assert made.models == meant
    assert all(why == f"{changed} changed" for why in made.reasons.values())


def test_one_number_is_not_handed_to_several_models(checkout, monkeypatch):
    monkeypatch.setenv("HEADGATE_ROOT", str(checkout[0].root))
    for words, code in ((["--version", "2"], 2), (["--version", "2", "--model", "kettle,teapot"], 2),
                        (["--version", "2", "--model", "kettle"], 0), (["--version", "challenger"], 0)):
        answer = CliRunner().invoke(app, ["plan", *words])
        assert answer.exit_code == code, answer.output
        assert not code or "kettle, teapot" in answer.output and "--model" in answer.output


def test_a_deleted_model_is_not_meant(checkout):
    workspace, before = checkout
    shutil.rmtree(workspace.root / "models" / "kettle")
    commit(workspace.root)
    assert plan(workspace, since=before).models == []


def test_without_a_commit_every_model_is_meant(checkout):
    workspace, _ = checkout
    assert plan(workspace).models == plan(workspace, model="all").models == ["kettle", "teapot"]
    assert plan(workspace, model="teapot").reasons == {"teapot": "asked for"}
    with pytest.raises(SpecError, match="There is no model 'teaport'"):
        plan(workspace, model="teaport")


@pytest.mark.parametrize("since", ["0" * 40, "1234567" * 5 + "12345", "--output=x", "$(touch x)"])
def test_a_commit_that_is_not_to_be_had_means_everything(checkout, since):
    workspace, _ = checkout
    made = plan(workspace, since=since)
    assert made.models == ["kettle", "teapot"] and "cannot be told" in made.reasons["kettle"]
    assert not (workspace.root / "x").exists() and not Path("x").exists()


def test_a_commit_behind_a_shallow_clone_is_fetched(checkout, machine):
    workspace, before = checkout
    write(workspace.root, "models/teapot/README.md", "changed")
    commit(workspace.root)
    shallow, _ = machine()
    assert plan(shallow, since=before).models == ["teapot"]


def test_since_each_model_was_trained(checkout):
    workspace, before = checkout
    assert plan(workspace, since=TRAINED).reasons["kettle"] == "never trained yet"
    ledger.append(workspace, "kettle", "registered", body={"git_commit": f"{before}-dirty"})
    assert trained_at(workspace, "kettle") == before
    assert plan(workspace, since=TRAINED).models == ["teapot"]
    write(workspace.root, "data/kettle.csv", "x,y\n2,yes\n")
    commit(workspace.root)
    assert plan(workspace, since=TRAINED).reasons["kettle"] == "data/kettle.csv changed"


def test_a_tag_does_not_stand_for_the_commit(checkout):
    workspace, first = checkout
    git(workspace.root, "tag", "-a", "v1", "-m", "the first release")
    assert git_commit(workspace.root) == first
    ledger.append(workspace, "kettle", "registered", body={"git_commit": git_commit(workspace.root)})
    assert trained_at(workspace, "kettle") == first and "kettle" not in plan(workspace, since=TRAINED).reasons


def test_candidates(checkout):
    workspace, _ = checkout
    assert plan(workspace, model="kettle").candidates == ({"model": "kettle", "algorithm": SPEC},)
    assert plan(workspace, model="kettle", algorithm="xgboost").candidates == ({"model": "kettle",
                                                                                "algorithm": "xgboost"},)
    every = plan(workspace, algorithm="all").candidates
    assert len(every) == 10 and {one["algorithm"] for one in every if one["model"] == "teapot"} == {
        "hist_gradient_boosting", "random_forest", "logistic_regression", "xgboost", "neural_net"}
    with pytest.raises(SpecError, match="no algorithm 'xgbost'"):
        plan(workspace, algorithm="xgbost")


@pytest.mark.parametrize("algorithm, trainings", [("", 1), ("all", 5), ("xgboost", 1)])
def test_a_spec_that_cannot_be_read_is_planned_and_harms_nobody(checkout, algorithm, trainings):
    workspace, _ = checkout
    write(workspace.root, "models/teapot/model.yaml", "{: [")
    made = plan(workspace, algorithm=algorithm)
    assert made.models == ["kettle", "teapot"] and len(made.candidates) == 2 * trainings


def test_names_may_stand_between_commas_with_spaces(checkout):
    workspace, _ = checkout
    assert plan(workspace, model=" kettle, teapot").models == ["kettle", "teapot"]
    with pytest.raises(SpecError, match="no model ''"):
        plan(workspace, model="kettle,")
