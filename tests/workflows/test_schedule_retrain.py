"""schedule-retrain.yml: asked every Monday, trained when there is a reason, told either way."""

import json

import orders
from receiver import receiving

WORKFLOW = "schedule-retrain.yml"
ASKED = {"plan": "success", "ask": "success", "decide": "success"}


def see_february(team, **wishes):
    team.write(orders.MODEL, orders.dated_spec("2026-02-25"))
    team.write(orders.PLACE, orders.dated_table(2, **wishes))
    team.commit("February")


def test_no_drift_and_then_by_force(dated_team, settings, state):
    see_february(dated_team)
    before = state(dated_team)
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = dated_team.act(WORKFLOW, "schedule", **settings)
        assert run.result == ASKED, run.text
        assert run.outputs["decide"]["names"] == "" and "shop: not due" in run.page
        assert team.kinds == ["not_retrained"] and state(dated_team).commit == before.commit
        assert "Version 1 is champion" in team.got[0][1]["message"]

        run = dated_team.act(WORKFLOW, "workflow_dispatch", inputs={"model": "shop", "force": "true"}, **settings)
        assert run.result.items() >= ASKED.items() and run.code == 0, run.text
        assert team.kinds == ["not_retrained", "registered"]
    after = state(dated_team)
    assert after.digests["champion"] == before.digests["champion"] and after.digests["challenger"]
    assert json.loads(after.ledger[-1])["event"] == "waits as challenger"


def test_drift_and_beside_it_a_model_about_which_nothing_can_be_decided(dated_team, settings, state):
    """Its table is missing; it costs the other nothing, and the team is told."""
    dated_team.write("models/lost/model.yaml", orders.another("lost")["models/lost/model.yaml"])
    see_february(dated_team, stretch=3.0)
    with receiving() as team:
        settings["secrets"]["HEADGATE_NOTIFY"] = team.url
        run = dated_team.act(WORKFLOW, "schedule", **settings)
        assert run.outputs["decide"]["names"] == "shop" and "shop: due" in run.page, run.text
        assert run.result["decide"] == "failure" and "lost: whether a training is due could not" in run.page, run.text
        assert state(dated_team).digests["challenger"], run.text
        told = {said["model"]: said["kind"] for _, said in team.got}
        assert told == {"lost": "failed", "shop": "registered"}


def test_what_starts_nothing_and_an_input_with_shell_characters(dated_team, settings):
    for variables in ({"PREFECT_API_URL": "http://127.0.0.1:9/api"}, {"HEADGATE_SCHEDULES": "prefect"}):
        assert dated_team.act(WORKFLOW, "schedule", variables=variables).result == {}, variables
    inputs = {"model": "`touch ../owned`", "force": "false"}
    run = dated_team.act(WORKFLOW, "workflow_dispatch", inputs=inputs, **settings)
    assert run.result == {"plan": "failure"} and not list(dated_team.root.rglob("owned"))
