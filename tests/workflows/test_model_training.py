"""model-training.yml: candidates, the best of them, what the next run begins with, and what reviewers see."""

import json
import zipfile

import orders
from receiver import receiving

WORKFLOW = "model-training.yml"
PUSHED = {"workflow_run": {"conclusion": "success", "event": "push", "head_branch": "main", "name": "Data validation",
                           "head_repository": {"full_name": "team/repository"}}}
ON_MAIN = {"plan": "success", "train": "success", "join": "success", "keep": "success", "tell": "success"}


def behind(**changes):
    """Return the event behind a validation, as it was on main, but for the changes."""
    return {"workflow_run": {**PUSHED["workflow_run"], **changes}}


def read_kept(team, name, model="shop"):
    """Return a JSON part of the bundle in the artifact `training`."""
    with zipfile.ZipFile(team.artifacts / "training.zip") as kept:
        return json.loads(kept.read(f"{model}/{name}"))


def test_two_runs_from_empty_machines_and_a_pull_request_between(shop_team, pull_request, settings, state, api):
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = shop_team.act(WORKFLOW, "workflow_run", PUSHED, **settings)
        assert run.result == ON_MAIN, run.text
        first = state()
        assert set(first.digests) == {"champion"} and first.last == 1 and team.kinds == ["promoted"]
        [told] = json.loads(run.outputs["join"]["results"])
        assert told["digest"] == first.digests["champion"] and told["outcome"] == "passed"

        document = pull_request({orders.PLACE: orders.table(rows=700, seed=1, noise=0.5)})
        run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
        assert run.result == {"plan": "success", "train": "success", "join": "failure", "comment": "success"}, run.text
        [comment] = api.by_pull_request[7]
        assert "is rejected" in comment["body"] and "| accuracy |" in comment["body"]
        assert "champion (version 1)" in comment["body"] and "Changed predictions" in comment["body"]
        assert run.page.count("### shop") == 1 and state().commit == first.commit and team.kinds == ["promoted"]

        document = pull_request({orders.PLACE: orders.table(rows=900, seed=2)})
        run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
        assert run.result == {"plan": "success", "train": "success", "join": "success", "comment": "success"}, run.text
        assert [one["id"] for one in api.by_pull_request[7]] == [comment["id"]]
        assert "is rejected" not in comment["body"] and state().commit == first.commit

        shop_team.git("checkout", "--quiet", "main")
        shop_team.write(orders.PLACE, orders.table(rows=900, seed=2))
        shop_team.commit("more orders")
        run = shop_team.act(WORKFLOW, "workflow_run", PUSHED, **settings)
        assert run.result == ON_MAIN, run.text
        second = state()
        assert read_kept(shop_team, "bundle/champion.json")["digest"] == first.digests["champion"]
        assert second.digests["champion"] == first.digests["champion"] and second.last == 2
        assert second.digests["challenger"] == read_kept(shop_team, "summary.json")["bundle"]
        assert second.ledger[:len(first.ledger)] == first.ledger and team.kinds == ["promoted", "registered"]

    run = shop_team.act(WORKFLOW, "workflow_run", PUSHED, **settings)
    assert run.result == {"plan": "success"} and "nothing to do" in run.page, "nothing changed since it was trained"


def test_accuracy_under_the_threshold_on_main(shop_team, settings, state):
    shop_team.write(orders.PLACE, orders.table(noise=0.5))
    shop_team.commit()
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = shop_team.act(WORKFLOW, "schedule", **settings)
        assert run.result == {**ON_MAIN, "join": "failure"}, run.text
        assert team.kinds == ["gates_rejected"] and "accuracy" in team.got[0][1]["message"]
    assert state().digests == {} and json.loads(state().ledger[-1])["event"] == "rejected"


def test_several_algorithms_are_joined_and_on_another_branch_nothing_is_kept(shop_team, settings, state):
    shop_team.git("checkout", "--quiet", "-b", "try")
    inputs = {"model": "shop", "algorithm": "all"}
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = shop_team.act(WORKFLOW, "workflow_dispatch", inputs=inputs, **settings)
    assert run.result == {"plan": "success", "train": "success", "join": "success", "tell": "success"}, run.text
    assert team.got == [], "of a version that is not kept nobody is told that it is there"
    assert run.jobs["train"] == ["success"] * 5 and state() is None
    [told] = json.loads(run.outputs["join"]["results"])
    means = [one["mean"] for one in told["candidates"]]
    assert len(means) == 5 and means == sorted(means, reverse=True)
    assert told["candidates"][0]["digest"] == told["digest"] == read_kept(shop_team, "summary.json")["bundle"]
    assert all(f"| {one['algorithm']} |".replace("_", "\\_") in run.page for one in told["candidates"])


def test_a_pull_request_from_a_fork(shop_team, pull_request, settings, api, state):
    document = pull_request({orders.MODEL: orders.spec(description="better")}, fork=True)
    run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
    assert run.result == {"plan": "success", "train": "success", "join": "success"}, run.text
    assert "### shop" in run.page and api.asked == [] and state() is None


def test_what_starts_nothing(shop_team):
    """A validation that failed or was not of main's own push; the cron where Prefect's schedules fire."""
    for change in ({"conclusion": "failure"}, {"event": "pull_request"}, {"head_branch": "feature"},
                   {"head_repository": {"full_name": "someone/fork"}}):
        assert shop_team.act(WORKFLOW, "workflow_run", behind(**change)).result == {}, change
    for variables in ({"PREFECT_API_URL": "http://127.0.0.1:9/api"}, {"HEADGATE_SCHEDULES": "prefect"}):
        assert shop_team.act(WORKFLOW, "schedule", variables=variables).result == {}, variables


def test_a_model_that_cannot_be_trained_takes_none_with_it_and_the_team_is_told(shop_team, settings, state):
    shop_team.write("models/bad/model.yaml", "{: [")
    shop_team.commit()
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = shop_team.act(WORKFLOW, "schedule", **settings)
        assert run.result == {**ON_MAIN, "train": "failure", "join": "failure"}, run.text
        assert sorted(run.steps["train", "Keep the candidate"]) == ["failure", "success"]
        told = {said["model"]: said["kind"] for _, said in team.got}
        assert told == {"bad": "failed", "shop": "promoted"}
        kept = state()
        assert set(kept.digests) == {"champion"} and "### bad: could not be trained" in run.page

        (shop_team.folder / orders.PLACE).unlink()
        shop_team.commit()
        run = shop_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "algorithm": "spec"}, **settings)
        assert run.result == {"plan": "success", "train": "failure", "join": "failure", "tell": "success"}, run.text
        assert team.kinds.count("failed") == 2 and "Version 1 is champion" in team.got[-1][1]["message"]
    assert state().commit == kept.commit and (shop_team.artifacts / "training.zip").is_file()


def test_an_artifact_of_another_digest_is_not_taken_in(shop_team, settings, state, exchanged):
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = shop_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "algorithm": "spec"},
                            stand_ins={"actions/download-artifact": exchanged("training")}, **settings)
    assert run.result == {**ON_MAIN, "keep": "failure"}, run.text
    assert any("is another candidate than the one that was chosen" in line for line in run.said)
    assert state() is None
    [(_, told)] = team.got
    assert told["kind"] == "failed" and "could not be kept" in told["message"], told


def test_an_input_with_shell_characters(shop_team, settings):
    for inputs in ({"model": "$(touch ../owned)", "algorithm": "spec"},
                   {"model": "shop", "algorithm": "all; touch ../owned"}):
        run = shop_team.act(WORKFLOW, "workflow_dispatch", inputs=inputs, **settings)
        assert run.result == {"plan": "failure"} and not list(shop_team.root.rglob("owned")), inputs
