"""data-validation.yml: which models are looked at, what fails, and who is told."""

import zipfile

import orders
from receiver import receiving

WORKFLOW = "data-validation.yml"


def test_a_pull_request_with_invalid_data_and_then_with_good(shop_team, pull_request, settings, api):
    document = pull_request({orders.PLACE: orders.spoilt()})
    run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
    assert run.result == {"plan": "success", "validate": "failure", "comment": "success"}, run.text
    assert run.steps["validate", "Validate"] == ["failure"]
    [told] = api.by_pull_request[7]
    assert "FAILED" in told["body"] and "price" in told["body"] and "FAILED" in run.page
    with zipfile.ZipFile(shop_team.artifacts / "validation-shop.zip") as kept:
        assert set(kept.namelist()) == {
            "shop/summary.json", "shop/reports/validation.html", "shop/reports/validation.md",
            "shop/reports/validation.json"}, "the quarantined rows stay where they are"
    document = pull_request({orders.PLACE: orders.table(rows=700), **orders.another("beta")})
    run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
    assert run.result == {"plan": "success", "validate": "success", "comment": "success"}, run.text
    assert [one["id"] for one in api.by_pull_request[7]] == [told["id"]] and "FAILED" not in told["body"]
    assert all(name in told["body"] for name in ("shop", "beta")), told["body"]
    document = pull_request({orders.PLACE: orders.table(rows=700), "models/bad/model.yaml": "{: [",
                             "models/Bad.one/model.yaml": "name: Bad.one"})
    run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
    assert run.result == {"plan": "success", "validate": "failure", "comment": "success"}, run.text
    assert [one["id"] for one in api.by_pull_request[7]] == [told["id"]]
    assert "Validation of shop: passed" in told["body"]
    for name in ("bad", "Bad.one"):     # the second is a name that no model can have
        assert f"Validation of {name}: could NOT run" in told["body"] and f"of {name}: could NOT run" in run.page


def test_a_pull_request_from_a_fork_gets_no_token_and_still_shows_its_report(shop_team, pull_request, settings, api):
    document = pull_request({orders.PLACE: orders.spoilt()}, fork=True)
    run = shop_team.act(WORKFLOW, "pull_request", document, **settings)
    assert run.result == {"plan": "success", "validate": "failure"}
    assert "FAILED" in run.page and "price" in run.page and (shop_team.artifacts / "validation-shop.zip").is_file()
    assert api.asked == []


def test_a_pull_request_that_touches_no_model_validates_none(shop_team, pull_request, settings):
    run = shop_team.act(WORKFLOW, "pull_request", pull_request({"data/other.txt": "x"}), **settings)
    assert run.result == {"plan": "success"} and run.outputs["plan"]["models"] == "[]"
    assert "nothing to do" in run.page


def test_invalid_data_on_main_is_told_to_the_team_and_what_could_not_be_validated_too(shop_team, settings):
    before = shop_team.git("rev-parse", "HEAD")
    shop_team.write(orders.PLACE, orders.spoilt())
    shop_team.write("models/lost/model.yaml", orders.another("lost")["models/lost/model.yaml"])
    shop_team.commit()
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = shop_team.act(WORKFLOW, "push", {"before": before, "ref": "refs/heads/main"}, **settings)
        assert run.result == {"plan": "success", "validate": "failure"}, run.text
        assert {said["model"]: said["kind"] for _, said in team.got} == {"shop": "data_rejected", "lost": "failed"}
    assert "Validation of lost: could NOT run" in run.page
    assert (shop_team.artifacts / "validation-lost.zip").is_file()


def test_an_input_with_shell_characters_is_a_name_that_there_is_not(shop_team, settings):
    for model in ("shop; touch ../owned", "$(touch ../owned)`touch ../owned`", "../shop"):
        run = shop_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": model}, **settings)
        assert run.result == {"plan": "failure"}, model
        assert not list(shop_team.root.rglob("owned"))
