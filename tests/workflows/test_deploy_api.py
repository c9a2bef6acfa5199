"""deploy-api.yml: staging proves a package, production takes those bytes, and what is not right there is taken back."""

import contextlib
import json
import subprocess
import threading

import pytest
from receiver import receiving
from running import as_process, workspace_at

WORKFLOW = "deploy-api.yml"
BEHIND = {"conclusion": "success", "event": "schedule", "head_branch": "main", "name": "Model training",
          "head_repository": {"full_name": "team/repository"}}
ALL = {"plan": "success", "staging": "success", "production": "success"}


@pytest.fixture
def following(waiting_team, tmp_path):
    """A production service of the state's branch; following(steadily) brings its checkout up to date, or does not."""
    @contextlib.contextmanager
    def serve(steadily):
        served, over = tmp_path / "served", threading.Event()
        git = ["git", "-C", str(served)]
        subprocess.run(["git", "clone", "--quiet", "-b", "headgate-state", waiting_team.remote.as_uri(), str(served)],
                       check=True)

        def follow():
            while not over.wait(0.2):
                subprocess.run([*git, "pull", "--quiet", "--ff-only"], capture_output=True)
        thread = threading.Thread(target=follow)
        if steadily:
            thread.start()
        place = workspace_at(tmp_path / "production")
        place.home.mkdir()
        try:
            with as_process(place, "--bundles", served) as production:
                yield production
        finally:
            over.set()
            if steadily:
                thread.join()
    return serve


def at(production, **more):
    return {"HEADGATE_PRODUCTION_URL": f"http://127.0.0.1:{production.port}", "HEADGATE_WATCH_SECONDS": "1", **more}


def test_from_the_challenger_to_production(waiting_team, settings, state, following):
    before = state(waiting_team).digests
    with following(True) as production, receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_run", {"workflow_run": BEHIND}, variables=at(production), **settings)
        assert run.result == ALL, run.text
        assert production.get("/ready").json()["models"]["shop"]["digest"] == before["challenger"]
        assert team.kinds == ["deployed"]
    assert state(waiting_team).digests == {"champion": before["challenger"], "previous": before["champion"]}
    [event] = [entry for entry in map(json.loads, state(waiting_team).ledger) if entry["event"] == "released"]
    assert json.loads(event["body"])["package"] == run.outputs["staging"]["sha256"]
    again = waiting_team.act(WORKFLOW, "workflow_run", {"workflow_run": BEHIND}, **settings)
    assert again.result == {"plan": "success"} and "No version waits" in again.page


def test_production_that_does_not_come_round_is_rolled_back(waiting_team, settings, state, following):
    before = state(waiting_team).digests
    with following(False) as production, receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "version": "challenger"},
                               variables=at(production, HEADGATE_PATIENCE_SECONDS="2"), **settings)
        assert run.result == {**ALL, "production": "failure"}, run.text
        assert run.steps["production", "Put the champion before back"] == ["success"]
        assert team.kinds == ["rolled_back"]
    assert state(waiting_team).digests == {"champion": before["champion"]}
    events = [json.loads(line)["event"] for line in state(waiting_team).ledger[-3:]]
    assert events == ["promoted", "released", "rolled back"]


def test_staging_that_fails_its_smoke_tests(waiting_team, settings, state):
    before = state(waiting_team).commit
    path = "api/routes/predict.py"
    waiting_team.write(path, (waiting_team.folder / path).read_text() + "\nraise RuntimeError('broken')\n")
    run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "all", "version": "challenger"}, **settings)
    assert run.result == {"plan": "success", "staging": "failure"}, run.text
    assert "ended before it served" in run.page and not (waiting_team.artifacts / "package.zip").exists()
    assert state(waiting_team).commit == before


def test_a_package_of_another_digest(waiting_team, settings, state, exchanged):
    before = state(waiting_team).commit
    run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "version": "challenger"}, **settings,
                           stand_ins={"actions/download-artifact": exchanged("package")})
    assert run.result == {**ALL, "production": "failure"}, run.text
    assert any("is not the package that was proved" in line for line in run.said)
    assert state(waiting_team).commit == before


def test_behind_a_training_that_failed_or_was_not_of_main_nothing_starts(waiting_team):
    for change in ({"conclusion": "failure"}, {"event": "pull_request"}, {"head_branch": "try"},
                   {"head_repository": {"full_name": "someone/fork"}}):
        run = waiting_team.act(WORKFLOW, "workflow_run", {"workflow_run": {**BEHIND, **change}})
        assert run.result == {}, change


def test_an_input_with_shell_characters(waiting_team, settings):
    for inputs in ({"model": "shop", "version": "$(touch ../owned)"},
                   {"model": "shop; touch ../owned", "version": "challenger"}):
        run = waiting_team.act(WORKFLOW, "workflow_dispatch", inputs=inputs, **settings)
        assert run.result == {"plan": "failure"} and not list(waiting_team.root.rglob("owned")), inputs
