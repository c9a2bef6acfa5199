"""What reviewers and the team are told of validations on several machines, of those that could not run too."""

import json
import os
from unittest import mock

import pytest
from github_api import TOKEN, github_api
from receiver import receiving
from typer.testing import CliRunner

from flows.launch.announce import app as announce
from flows.launch.validate import app as validate
from headgate.candidates.validated import page_of_validations
from headgate.commands.app import app


@pytest.fixture
def kept(tmp_path):
    """Write what a validation keeps: kept("shop", "invalid") -> the folder of them all."""
    def write(model, result, **more):
        folder = tmp_path / "validated" / model
        (folder / "reports").mkdir(parents=True)
        document = {"model": model, "outcome": result, "failed": [], "sentence": "Looked at.", **more}
        (folder / "summary.json").write_text(json.dumps(document))
        (folder / "reports" / "validation.md").write_text(f"## Validation of {model}: {result}\n")
        return tmp_path / "validated"
    return write


def headings(page):
    return [line for line in page.splitlines() if line.startswith("#")]


def test_what_needs_a_person_comes_first_and_who_has_no_result_is_named(kept):
    kept("beta", "valid"), kept("shop", "invalid")
    page = page_of_validations(kept("alpha", "valid"), ["alpha", "beta", "lost", "shop"])
    assert headings(page) == ["## Validation of lost: could NOT run", "## Validation of shop: invalid",
                              "## Validation of alpha: valid", "## Validation of beta: valid"]


@pytest.mark.parametrize("change", [{"failed": 5}, {"outcome": "fine"}, {"outcome": None}, {"sentence": []}])
def test_a_malformed_summary_is_told_of_its_own_model(kept, change):
    kept("shop", "valid", **change)
    page = page_of_validations(kept("beta", "valid"), ["beta", "shop"])
    assert headings(page) == ["## Validation of shop: could NOT run", "## Validation of beta: valid"]
    assert "is not what a run wrote" in page


def test_what_nobody_planned_and_what_no_validation_wrote_is_told_and_not_shown(kept):
    kept("urn", "valid"), kept("beta", "rejected")
    page = page_of_validations(kept("shop", "valid"), ["shop", "beta"])
    assert headings(page) == ["## Validation of beta: could NOT run", "## Validation of shop: valid", "### Not used"]


def test_a_report_that_is_missing_is_not_taken_for_a_good_one(kept):
    folder = kept("shop", "valid")
    (folder / "shop" / "reports" / "validation.md").unlink()
    assert "could NOT run" in page_of_validations(folder) and "Its report is missing" in page_of_validations(folder)


def test_the_comment_of_a_run_without_any_report_replaces_that_of_a_good_one(kept, tmp_path):
    with github_api() as api:
        settings = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": "team/repository", "GITHUB_TOKEN": TOKEN}
        with mock.patch.dict(os.environ, settings):
            for folder in (kept("shop", "valid"), tmp_path / "none"):
                words = [str(folder), "--expect", '["shop"]', "--pull-request", "3", "--topic", "validation"]
                assert CliRunner().invoke(app, ["comment", *words]).exit_code == 0
            bad = CliRunner().invoke(app, ["comment", str(tmp_path), "--expect", '["../x"]', "--pull-request", "3"])
        [told] = api.by_pull_request[3]
    assert "shop: could NOT run" in told["body"] and bad.exit_code == 2


@pytest.mark.parametrize("text", ["{: [", "name: shop\ncolums: []\n"])
def test_a_validation_that_could_not_run_is_kept_and_told(tmp_path, text):
    place = tmp_path / "team" / "models" / "shop" / "model.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(text)
    with receiving() as team, mock.patch.dict(os.environ, {
            "HEADGATE_NOTIFY": team.url, "HEADGATE_ROOT": str(tmp_path / "team"),
            "GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "page.md")}):
        run = CliRunner().invoke(validate, ["--model", "shop", "--keep", str(tmp_path / "kept"), "--github-output"])
        assert run.exit_code == 2 and "model.yaml" in run.stderr
        [(_, told)] = team.got
        assert CliRunner().invoke(announce, [str(tmp_path / "kept")]).exit_code == 0 and len(team.got) == 1
    assert (told["kind"], told["model"]) == ("failed", "shop") and "model.yaml" in told["message"]
    page = (tmp_path / "kept" / "reports" / "validation.md").read_text()
    assert "shop: could NOT run" in page and "shop: could NOT run" in (tmp_path / "page.md").read_text()
    assert "outcome=failed" in (tmp_path / "output").read_text().splitlines()
    assert headings(page_of_validations(tmp_path / "kept", ["shop"])) == ["## Validation of shop: could NOT run"]


def test_without_a_folder_to_keep_it_in_nobody_is_told(tmp_path):
    with receiving() as team, mock.patch.dict(os.environ, {"HEADGATE_NOTIFY": team.url,
                                                           "HEADGATE_ROOT": str(tmp_path)}):
        assert CliRunner().invoke(validate, ["--model", "shop"]).exit_code == 2
        bad = CliRunner().invoke(validate, ["--model", "../shop", "--keep", str(tmp_path / "kept")])
    assert bad.exit_code == 2 and not (tmp_path / "kept").exists() and team.got == []
