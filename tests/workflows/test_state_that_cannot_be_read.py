"""Somebody changed the branch that carries the state: nothing is done with it, and each workflow tells the team."""

import json
import subprocess

import orders
import pytest
from acting import AUTHOR
from receiver import receiving
from test_deploy_api import BEHIND
from test_model_training import PUSHED


@pytest.fixture
def tampered_team(waiting_team, tmp_path):
    """A team on whose branch roles.json says that the challenger is champion."""
    folder, remote = tmp_path / "tampering", waiting_team.remote.as_uri()
    subprocess.run(["git", "clone", "--quiet", "-b", "headgate-state", remote, str(folder)], check=True)
    roles, told = (json.loads((folder / name).read_text()) for name in ("roles.json", "shop/state.json"))
    other = next(one for one in told["versions"] if "challenger" in one["aliases"])
    roles["models"]["shop"]["champion"] = {"bundle": f"shop/{other['digest'][:16]}", "digest": other["digest"],
                                           "version": other["version"]}
    (folder / "roles.json").write_text(json.dumps(roles))
    for words in (("commit", "--quiet", "-am", "tampered"), ("push", "--quiet")):
        subprocess.run(["git", "-C", str(folder), *words], check=True, env=AUTHOR)
    waiting_team.write(orders.PLACE, orders.table(rows=950, seed=3))
    waiting_team.commit("more orders")
    return waiting_team


EVENTS = {"data-validation.yml": ("push", {"before": "HEAD^", "ref": "refs/heads/main"}, "shop"),
          "model-training.yml": ("workflow_run", PUSHED, "every model"),
          "deploy-api.yml": ("workflow_run", {"workflow_run": BEHIND}, "every model"),
          "schedule-retrain.yml": ("schedule", {}, "shop")}


def test_nothing_is_done_and_the_team_is_told_by_each_workflow(tampered_team, settings, state):
    before = state(tampered_team).commit
    for workflow, (event, document, about) in EVENTS.items():
        document = {name: tampered_team.git("rev-parse", told) if name == "before" else told
                    for name, told in document.items()}
        with receiving() as team:
            settings["secrets"]["HEADGATE_NOTIFY"] = team.url
            run = tampered_team.act(workflow, event, document, **settings)
        assert run.code == 1 and "failure" in run.result.values(), run.text
        assert [(told["model"], told["kind"]) for _, told in team.got] == [(about, "failed")], (workflow, run.text)
        assert "roles.json of the branch tells otherwise of 'shop'" in team.got[0][1]["message"], workflow
    assert state(tampered_team).commit == before
