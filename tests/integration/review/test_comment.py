"""One comment per topic, over real HTTP on loopback."""

import json
import os
import re
from unittest import mock

import pytest
from github_api import TOKEN, github_api
from typer.testing import CliRunner

from headgate.commands.app import app
from headgate.errors import HeadgateError, ReviewersNotTold
from headgate.review import Repository, tell_reviewers
from headgate.review.comment import LONGEST


@pytest.fixture
def api():
    with github_api() as comments:
        yield comments


@pytest.fixture
def repository(api):
    return Repository("team/repository", api.url, TOKEN)


def test_the_second_run_updates_what_the_first_wrote(api, repository):
    first, made = tell_reviewers(repository, 7, "training", "one")
    again, updated = tell_reviewers(repository, 7, "training", "two")
    assert (made, updated, first) == ("made", "updated", again)
    assert [one["body"] for one in api.by_pull_request[7]] == ["<!-- headgate: training -->\ntwo"]


def test_each_topic_and_each_pull_request_has_its_own(api, repository):
    tell_reviewers(repository, 7, "training", "one")
    tell_reviewers(repository, 7, "validation", "two")
    tell_reviewers(repository, 8, "training", "three")
    assert [len(api.by_pull_request[number]) for number in (7, 8)] == [2, 1]


def test_what_a_person_wrote_is_left_alone_even_with_the_marker(api, repository):
    api.add(7, "<!-- headgate: training -->\nmine")
    api.add(7, "> <!-- headgate: training -->\nquoted", kind="Bot")
    assert tell_reviewers(repository, 7, "training", "one")[1] == "made"
    assert api.by_pull_request[7][0]["body"].endswith("mine")


def test_it_is_found_behind_a_hundred_others(api, repository):
    for number in range(150):
        api.add(7, f"comment {number}")
    tell_reviewers(repository, 7, "training", "one")
    assert tell_reviewers(repository, 7, "training", "two")[1] == "updated"
    assert len(api.by_pull_request[7]) == 151


def test_a_long_report_is_cut(api, repository):
    tell_reviewers(repository, 7, "training", "x" * 200_000)
    body = api.by_pull_request[7][0]["body"]
    assert len(body) < LONGEST + 200 and "cut" in body[-100:]


def test_a_token_that_may_not_write_is_told_so(api):
    with pytest.raises(ReviewersNotTold, match="403.*not accessible.*pull-requests: write") as caught:
        tell_reviewers(Repository("team/repository", api.url, "of-a-fork"), 7, "training", "one")
    assert "of-a-fork" not in str(caught.value) and caught.value.exit_code == 2


@pytest.mark.parametrize("status, headers, waited", [(500, {}, 2), (502, {}, 2), (503, {"Retry-After": "7"}, 7),
                                                     (429, {"Retry-After": "60"}, 60)])
def test_what_passes_is_tried_again_and_nothing_is_written_twice(api, repository, status, headers, waited):
    api.troubles = [(status, headers), (502, {})]
    slept = []
    assert tell_reviewers(repository, 7, "training", "one", sleep=slept.append)[1] == "updated"
    assert slept == [waited, 8] and len(api.by_pull_request[7]) == 1 and not api.troubles


def test_what_does_not_pass_is_told_without_blaming_the_permission(api, repository):
    api.troubles = [(502, {})] * 3
    with pytest.raises(ReviewersNotTold, match="502") as caught:
        tell_reviewers(repository, 7, "training", "one", sleep=lambda seconds: None)
    assert "permission" not in str(caught.value) and "pull-requests" not in str(caught.value) and not api.troubles


@pytest.mark.parametrize("status, headers", [(429, {"Retry-After": "61"}), (422, {}), (404, {})])
def test_what_will_not_pass_soon_is_not_tried_again(api, repository, status, headers):
    api.troubles = [(status, headers)] * 2
    with pytest.raises(ReviewersNotTold, match=str(status)) as caught:
        tell_reviewers(repository, 7, "training", "one", sleep=pytest.fail)
    assert len(api.troubles) == 1 and ("pull-requests: write" in str(caught.value)) == (status == 404)


def test_nobody_is_mentioned(api, repository):
    tell_reviewers(repository, 7, "training", "category @team/reviewers, \\@ada and \u00e9@ada")
    assert not re.search(r"@[\w-]", api.by_pull_request[7][0]["body"])
    assert "@\u200bteam/reviewers" in api.by_pull_request[7][0]["body"]


def test_an_api_that_is_away():
    with pytest.raises(ReviewersNotTold, match="does not answer"):
        tell_reviewers(Repository("team/repository", "http://127.0.0.1:9", TOKEN), 7, "training", "one")


def test_a_token_is_not_sent_in_the_clear():
    told = {"GITHUB_REPOSITORY": "team/repository", "GITHUB_TOKEN": "x"}
    with pytest.raises(HeadgateError, match="https alone"):
        Repository.from_environment({**told, "GITHUB_API_URL": "http://example.org"})
    with pytest.raises(HeadgateError, match="without GITHUB_TOKEN"):
        Repository.from_environment({"GITHUB_REPOSITORY": "team/repository"})
    assert Repository.from_environment(told).api == "https://api.github.com" and "'x'" not in repr(
        Repository.from_environment(told))


def test_the_command(api, tmp_path):
    (tmp_path / "report.md").write_text("# Good\n", encoding="utf-8")
    settings = {"GITHUB_API_URL": api.url, "GITHUB_REPOSITORY": "team/repository", "GITHUB_TOKEN": TOKEN}
    words = ["comment", str(tmp_path / "report.md"), "--pull-request", "3", "--title", "Models", "--json"]
    with mock.patch.dict(os.environ, settings):
        told = [json.loads(CliRunner().invoke(app, words).stdout)["outcome"] for _ in range(2)]
        missing = CliRunner().invoke(app, ["comment", str(tmp_path / "none.md"), "--pull-request", "3"])
    assert told == ["made", "updated"] and missing.exit_code == 2
    assert api.by_pull_request[3][0]["body"] == "<!-- headgate: training -->\n## Models\n\n# Good\n"
