"""Candidates of several machines: chosen by cross-validation, compared only if alike, taken in only by digest."""

import json
import os
import shutil
from unittest import mock

import pytest
from bundles import write_bundle
from receiver import receiving
from typer.testing import CliRunner

from flows.launch.announce import app as announce
from headgate import ledger
from headgate.bundle import seal
from headgate.candidates import accept, join, sort_results
from headgate.candidates.missing import read_missing
from headgate.candidates.page import page_of
from headgate.commands.app import app
from headgate.errors import BundleBroken, CandidatesDiffer
from headgate.registry import read
from headgate.workspace import Workspace


@pytest.fixture
def workspace(tmp_path, empty_registry):
    found = Workspace.from_environment({}, tmp_path / "team")
    found.home.mkdir(parents=True)
    shutil.copy(empty_registry, found.home / "mlflow.db")
    return found


@pytest.fixture
def kept(tmp_path):
    """Write what a training keeps: kept("forest", folds=[...], decision=..., parts={"lineage": {...}})."""
    def write(algorithm, *, model="kettle", folds=(0.9,), decision="promote", parts=None, champion=None, bias=0.0):
        folder = tmp_path / "kept" / f"{model}-{algorithm}"
        bundle = write_bundle(folder / "bundle", model=model, decision=decision, bias=bias + len(algorithm) / 100)
        changes = {"evaluation": {"folds": list(folds)}, "lineage": {"algorithm": algorithm}}
        for name, more in (parts or {}).items():
            changes[name] = {**changes.get(name, {}), **more}
        for name, more in changes.items():
            part = json.loads((bundle / f"{name}.json").read_text())
            (bundle / f"{name}.json").write_text(json.dumps({**part, **more}))
        if champion:
            (bundle / "champion.json").write_text(json.dumps(champion))
        return summary(folder, model, algorithm, seal(bundle, model))
    return write


def summary(folder, model, algorithm, digest, **more):
    folder.mkdir(parents=True, exist_ok=True)
    document = {"model": model, "algorithm": algorithm, "bundle": digest, "accuracy": 0.9, "sentence": "Judged.",
                "outcome": "registered", "version": "1", **more}
    (folder / "summary.json").write_text(json.dumps(document))
    return folder


def read_results(folder):
    """Return the Results of a folder in which every one can be used."""
    found, broken, refused = sort_results(folder, "train")
    assert not broken and not refused
    return found


def rejected_data(tmp_path, model="kettle"):
    return summary(tmp_path / "kept" / f"{model}-data", model, None, None, outcome="rejected", rows=7,
                   failed=["wind: 3 values over 40 | m/s"], sentence="The data was rejected.")


def test_the_best_cross_validation_wins_whatever_the_holdout_said(kept, tmp_path):
    kept("forest", folds=[0.91, 0.93]), kept("linear", folds=[0.95, 0.93], decision="hold")
    [[joined], _] = join(read_results(tmp_path / "kept"))
    assert (joined.best.algorithm, joined.outcome) == ("linear", "held")
    assert [one["algorithm"] for one in joined.to_dict()["candidates"]] == ["linear", "forest"]
    page = page_of(joined)
    assert "linear is held" in page and "| forest | 0.9200 |" in page and joined.best.digest in page


def test_a_loser_that_was_rejected_harms_nobody(kept, tmp_path):
    kept("forest", folds=[0.91]), kept("linear", folds=[0.9], decision="reject")
    [[joined], _] = join(read_results(tmp_path / "kept"))
    assert (joined.best.algorithm, joined.outcome) == ("forest", "passed")


def test_the_best_that_was_rejected_is_not_passed_over(kept, tmp_path):
    kept("forest", folds=[0.91]), kept("linear", folds=[0.99], decision="reject")
    assert join(read_results(tmp_path / "kept"))[0][0].outcome == "rejected"


def test_rejected_data_is_rejected_and_its_report_cannot_break_the_page(kept, tmp_path):
    rejected_data(tmp_path)
    [[joined], _] = join(read_results(tmp_path / "kept"))
    assert joined.outcome == "rejected" and joined.best.digest == ""
    assert "- wind: 3 values over 40 \\| m/s" in page_of(joined)


EXPECTED = [{"model": "kettle", "algorithm": "forest"}, {"model": "kettle", "algorithm": "linear"}]


def test_a_model_of_which_a_training_left_nothing_has_no_result(kept, tmp_path):
    kept("forest"), kept("forest", model="teapot")
    expected = [*EXPECTED, {"model": "teapot", "algorithm": "spec"}, {"model": "urn", "algorithm": "spec"}]
    joined, missing = join(read_results(tmp_path / "kept"), expected)
    assert [one.model for one in joined] == ["teapot"]
    assert [(one.model, one.algorithms) for one in missing] == [("kettle", ("linear",)), ("urn", ("spec",))]
    assert missing[0].sentence == "1 of 2 trainings left no result that can be used: linear."
    assert join(read_results(tmp_path / "kept"), EXPECTED[:1])[1] == ()


def test_where_data_was_rejected_it_is_not_guessed_which_trainings_left_nothing(tmp_path):
    rejected_data(tmp_path)
    [missing] = join(read_results(tmp_path / "kept"), EXPECTED)[1]
    assert (missing.algorithms, missing.sentence) == ((), "1 of 2 trainings left no result that can be used.")


@pytest.mark.parametrize("part, champion", [
    ({"lineage": {"data_digest": "e" * 64}}, None), ({"lineage": {"holdout": {"share": 0.3}}}, None),
    ({"lineage": {"spec_digest": "6" * 64}}, None), ({}, {"version": "1", "digest": "a" * 64})])
def test_what_was_not_trained_or_judged_alike_is_not_compared(kept, tmp_path, part, champion):
    kept("forest"), kept("linear", parts=part, champion=champion), kept("forest", model="teapot")
    [teapot], [kettle] = join(read_results(tmp_path / "kept"))
    assert teapot.model == "teapot" and kettle.model == "kettle" and "cannot be compared" in kettle.sentence


def test_a_bundle_of_another_digest_is_not_read(kept, tmp_path):
    folder = kept("forest")
    (folder / "bundle" / "gates.json").write_text('{"decision": "promote", "gates": []}')
    [[model, why]] = sort_results(tmp_path / "kept", "train").broken
    assert model == "kettle" and "gates.json was changed" in why
    seal(folder / "bundle", "kettle")
    [[model, why]] = sort_results(tmp_path / "kept", "train").broken
    assert model == "kettle" and "another bundle than the one asked for" in why


NAMES = ["../pwned", "/tmp/pwned", "a/b", "..", ".git", "Kettle", "kettle\n", "", "k" * 61, 3, None, ["kettle"]]


@pytest.mark.parametrize("text", ["[]", "{}", "nonsense", "3", "[" * 100_000, *(
    json.dumps({"model": name, "outcome": "rejected", "failed": []}) for name in NAMES)])
def test_what_names_no_model_is_nobodys_and_is_told(tmp_path, text):
    (tmp_path / "summary.json").write_text(text)
    found, broken, [why] = sort_results(tmp_path, "train")
    assert (found, broken) == ([], []) and "is not what a run wrote" in why


@pytest.mark.parametrize("change", [
    {"failed": 5}, {"failed": [{}]}, {"outcome": "fine"}, {"algorithm": ["forest"]}, {"bundle": None},
    {"bundle": "../.."}, {"gates": 3}, {"gates": [{}]}, {"sentence": {}}, {"accuracy": "high"}, {"version": 1}])
def test_a_malformed_summary_costs_its_own_model_and_is_told(kept, tmp_path, change):
    kept("forest", model="teapot")
    path = kept("forest") / "summary.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "best"), "--json"])
    told = json.loads(run.stdout.splitlines()[-1])
    assert run.exit_code == 2 and [one["model"] for one in told["results"]] == ["teapot"]
    [missing] = told["missing"]
    assert missing["model"] == "kettle" and "is not what a run wrote" in missing["sentence"]
    assert "is not what a run wrote" in run.stderr and (tmp_path / "best" / "teapot" / "bundle").is_dir()


def test_accepted_as_its_training_would_have(kept, workspace, tmp_path):
    kept("forest")
    [first] = read_results(tmp_path / "kept")
    done = accept(workspace, first, digest=first.digest)
    assert (done.outcome, done.version) == ("promoted", "1")
    assert read.champion(workspace, "kettle").digest == first.digest
    assert accept(workspace, first).outcome == "unchanged"
    shutil.rmtree(tmp_path / "kept")
    kept("linear", champion={"version": "1", "digest": first.digest, "metrics": {}, "note": ""})
    [second] = read_results(tmp_path / "kept")
    assert accept(workspace, second).outcome == "registered"
    assert read.with_alias(workspace, "kettle", "challenger").digest == second.digest
    events = [entry.event for entry in ledger.entries(workspace, "kettle")]
    assert events == ["registered", "promoted", "registered", "waits as challenger"]


def test_judged_against_another_champion(kept, workspace, tmp_path):
    kept("forest")
    accept(workspace, *read_results(tmp_path / "kept"))
    shutil.rmtree(tmp_path / "kept")
    kept("linear", champion={"version": "9", "digest": "9" * 64})
    with pytest.raises(CandidatesDiffer, match="another champion"):
        accept(workspace, *read_results(tmp_path / "kept"))
    assert len(read.list_versions(workspace, "kettle")) == 1


def test_rejections_are_recorded_and_nothing_is_registered(kept, workspace, tmp_path):
    kept("forest", decision="reject"), rejected_data(tmp_path, model="teapot")
    for one in read_results(tmp_path / "kept"):
        assert accept(workspace, one).outcome == "rejected"
    assert read.list_versions(workspace, "kettle") == ()
    assert [entry.event for entry in ledger.entries(workspace, "kettle")] == ["rejected"]
    assert [entry.event for entry in ledger.entries(workspace, "teapot")] == ["data rejected"]


def test_another_digest_than_the_chosen_one_is_not_taken_in(kept, workspace, tmp_path):
    kept("forest")
    with pytest.raises(BundleBroken, match="another candidate than the one that was chosen"):
        accept(workspace, *read_results(tmp_path / "kept"), digest="0" * 64)
    assert read.list_versions(workspace, "kettle") == ()


def test_the_commands_from_end_to_end(kept, workspace, tmp_path):
    kept("forest", folds=[0.97]), kept("linear"), kept("forest", model="teapot", decision="reject")
    places = {"HEADGATE_ROOT": str(workspace.root), "GITHUB_OUTPUT": str(tmp_path / "output"),
              "GITHUB_STEP_SUMMARY": str(tmp_path / "page.md")}
    with mock.patch.dict(os.environ, places):
        run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "best"),
                                       "--json", "--github-output"])
        assert run.exit_code == 1, run.output
        told = json.loads(run.stdout.splitlines()[-1])
        found = {one["model"]: one["outcome"] for one in told["results"]}
        assert found == {"kettle": "passed", "teapot": "rejected"}
        outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
        taken = CliRunner().invoke(app, ["accept", str(tmp_path / "best"), "--expect", outputs["results"], "--json"])
        assert taken.exit_code == 0, taken.output
        fewer = CliRunner().invoke(app, ["accept", str(tmp_path / "best"), "--expect",
                                         json.dumps(json.loads(outputs["results"])[:1])])
        assert fewer.exit_code == 2
    assert [one["outcome"] for one in json.loads(taken.stdout.splitlines()[-1])["accepted"]] == ["promoted", "rejected"]
    assert "### teapot" in (tmp_path / "page.md").read_text() == (tmp_path / "best" / "report.md").read_text() + "\n"


STRANGERS = {"model": "urn"}, {"model": "../../pwned"}, {"model": "/tmp/pwned"}


@pytest.mark.parametrize("change", STRANGERS, ids=["not-begun", "relative", "absolute"])
def test_a_result_that_nobody_expected_is_refused_and_told_and_the_others_are_joined(kept, workspace, tmp_path, change):
    kept("forest")
    stranger = rejected_data(tmp_path, model="stranger") / "summary.json"
    stranger.write_text(json.dumps({**json.loads(stranger.read_text()), **change}))
    before = {path for path in tmp_path.rglob("*")}
    run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "best"),
                                   "--expect", json.dumps(EXPECTED[:1]), "--json"])
    told = json.loads(run.stdout.splitlines()[-1])
    assert run.exit_code == 0 and [one["model"] for one in told["results"]] == ["kettle"] and not told["missing"]
    assert "stranger-data" in run.stderr and "### Not used" in (tmp_path / "best" / "report.md").read_text()
    made = {path.relative_to(tmp_path).parts[0] for path in set(tmp_path.rglob("*")) - before}
    assert made == {"best"} and {one.name for one in (tmp_path / "best").iterdir()} == {
        "kettle", "report.md", "missing.json"}
    shutil.copytree(stranger.parent, tmp_path / "best" / "kettle" / "deeper")
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root)}):
        taken = CliRunner().invoke(app, ["accept", str(tmp_path / "best"), "--expect", json.dumps(told["results"])])
    assert taken.exit_code == 2 and "deeper" in taken.stderr and list(ledger.models(workspace)) == ["kettle"]


def test_names_are_checked_where_expectations_are_read(kept, workspace, tmp_path):
    kept("forest")
    for expect in ([{"model": "../../pwned", "digest": ""}], [{"model": "kettle", "digest": "../x"}], [{}], {}, 3):
        with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root)}):
            taken = CliRunner().invoke(app, ["accept", str(tmp_path / "kept"), "--expect", json.dumps(expect)])
        assert taken.exit_code == 2 and "--expect" in taken.stderr, expect
    asked = json.dumps([{"model": "../../pwned", "algorithm": "spec"}])
    assert CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--expect", asked]).exit_code == 2
    assert ledger.models(workspace) == () and not read.list_versions(workspace, "kettle")


@pytest.mark.parametrize("name", ["kettle.old", "Kettle", "$(touch x)", "two words"])
def test_a_folder_that_no_model_can_be_called_costs_the_others_nothing(kept, workspace, tmp_path, name):
    kept("forest")
    expect = json.dumps([*EXPECTED[:1], {"model": name, "algorithm": "spec"}])
    run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "best"),
                                   "--expect", expect, "--json"])
    told = json.loads(run.stdout.splitlines()[-1])
    assert run.exit_code == 2 and [one["model"] for one in told["results"]] == ["kettle"]
    assert [one["model"] for one in told["missing"]] == [name] == [
        one.model for one in read_missing(tmp_path / "best")]
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root)}):
        taken = CliRunner().invoke(app, ["accept", str(tmp_path / "best"), "--expect", json.dumps(told["results"])])
    assert taken.exit_code == 0, taken.output


def test_more_results_than_trainings_is_no_result(kept, tmp_path):
    kept("forest"), kept("linear")
    [missing] = join(read_results(tmp_path / "kept"), EXPECTED[:1])[1]
    assert missing.sentence == "There are 2 results of 1 trainings."


def test_one_that_cannot_be_taken_in_costs_the_others_nothing(kept, workspace, tmp_path):
    kept("forest", champion={"version": "9", "digest": "9" * 64}), kept("linear", model="teapot")
    with mock.patch.dict(os.environ, {"HEADGATE_ROOT": str(workspace.root)}):
        taken = CliRunner().invoke(app, ["accept", str(tmp_path / "kept"), "--json"])
    told = json.loads(taken.stdout.splitlines()[-1])
    assert taken.exit_code == 2 and "kettle: This candidate" in taken.stderr
    assert [one["model"] for one in told["accepted"]] == ["teapot"] and list(told["refused"]) == ["kettle"]
    assert read.champion(workspace, "teapot") and not read.champion(workspace, "kettle")


def test_a_summary_that_cannot_be_read_is_a_training_without_a_result(kept, tmp_path):
    kept("forest"), kept("forest", model="teapot")
    (tmp_path / "kept" / "kettle-forest" / "summary.json").write_text("{")
    expected = [{"model": name, "algorithm": "forest"} for name in ("kettle", "teapot")]
    run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--expect", json.dumps(expected), "--json"])
    told = json.loads(run.stdout.splitlines()[-1])
    assert run.exit_code == 2 and [one["model"] for one in told["results"]] == ["teapot"]
    assert [one["algorithms"] for one in told["missing"]] == [["forest"]]


def test_what_can_be_joined_is_joined_and_the_team_is_told_of_the_rest(kept, workspace, tmp_path):
    kept("forest"), kept("forest", model="teapot")
    (kept("linear", model="urn") / "bundle" / "gates.json").write_text("{}")
    expected = [*EXPECTED, {"model": "teapot", "algorithm": "spec"}, {"model": "urn", "algorithm": "linear"}]
    places = {"HEADGATE_ROOT": str(workspace.root), "GITHUB_OUTPUT": str(tmp_path / "output"),
              "GITHUB_STEP_SUMMARY": str(tmp_path / "page.md"), "GITHUB_SERVER_URL": "https://github.com",
              "GITHUB_REPOSITORY": "team/repository", "GITHUB_RUN_ID": "12"}
    with mock.patch.dict(os.environ, places), receiving() as team:
        run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "best"),
                                       "--expect", json.dumps(expected), "--json", "--github-output"])
        assert run.exit_code == 2 and "kettle: 1 of 2 trainings left no result" in run.stderr, run.output
        outputs = dict(line.split("=", 1) for line in (tmp_path / "output").read_text().splitlines())
        taken = CliRunner().invoke(app, ["accept", str(tmp_path / "best"), "--expect", outputs["results"], "--json"])
        assert taken.exit_code == 0, taken.output
        with mock.patch.dict(os.environ, {"HEADGATE_NOTIFY": team.url}):
            assert CliRunner().invoke(announce, [str(tmp_path / "best")]).exit_code == 0
    missing = {one["model"]: one["sentence"] for one in json.loads(outputs["missing"])}
    assert sorted(missing) == ["kettle", "urn"] and "gates.json was changed" in missing["urn"]
    assert [one["model"] for one in json.loads(outputs["results"])] == ["teapot"]
    page = (tmp_path / "best" / "report.md").read_text()
    assert "### kettle: could not be trained" in page and "### teapot: forest passes" in page
    told = {document["model"]: document["message"] for _, document in team.got if document["kind"] == "failed"}
    assert sorted(told) == ["kettle", "urn"] and "actions/runs/12" in told["kettle"]
    assert "no champion yet" in told["kettle"] and "left no result" in told["kettle"]


@pytest.mark.parametrize("ended, kind", [("success", "registered"), ("skipped", None), ("failure", "failed")])
def test_of_a_version_that_was_not_kept_nobody_is_told_that_it_is_there(kept, workspace, tmp_path, ended, kind):
    kept("forest")
    places = {"HEADGATE_ROOT": str(workspace.root), "HEADGATE_HOME": str(tmp_path / "elsewhere")}
    with mock.patch.dict(os.environ, places), receiving() as team:
        with mock.patch.dict(os.environ, {"HEADGATE_NOTIFY": team.url}):
            answer = CliRunner().invoke(announce, [str(tmp_path / "kept"), "--kept", ended])
        assert answer.exit_code == 0, answer.output
    assert [document["kind"] for _, document in team.got] == ([kind] if kind else [])
    assert kind != "failed" or "could not be kept" in team.got[0][1]["message"]


def test_when_no_model_has_a_result_that_is_what_the_report_says(tmp_path):
    with mock.patch.dict(os.environ, {"GITHUB_OUTPUT": str(tmp_path / "output")}):
        run = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "best"),
                                       "--expect", json.dumps(EXPECTED), "--github-output"])
    assert run.exit_code == 2 and "results=[]" in (tmp_path / "output").read_text().splitlines()
    assert "2 of 2 trainings" in (tmp_path / "best" / "report.md").read_text()
    assert [one.algorithms for one in read_missing(tmp_path / "best")] == [("forest", "linear")]
    nothing = CliRunner().invoke(app, ["compare", str(tmp_path / "kept"), "--output", str(tmp_path / "none")])
    assert nothing.exit_code == 2 and not (tmp_path / "none").exists()
