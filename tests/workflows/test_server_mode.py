"""The workflows where PREFECT_API_URL names a Prefect server: they start the flows there and wait for their end."""

import os
import shutil
import subprocess

import orders
import pytest
from orchestrated import Server, client_of

from headgate.registry import read
from headgate.workspace import Workspace


@pytest.fixture
def server(shop_team, quick, tmp_path):
    """A Prefect server with every flow deployed and a worker whose models are the team's."""
    url, home = quick["PREFECT_API_URL"], tmp_path / "state"
    environment = {**os.environ, **quick, "PREFECT_HOME": str(tmp_path / "prefect"), "HEADGATE_HOME": str(home),
                   "HEADGATE_ROOT": str(shop_team.folder), "HEADGATE_PREFECT_SCHEDULES": "false",
                   "PREFECT_WORKER_QUERY_SECONDS": "1"}
    with client_of(url) as http:
        found = Server(tmp_path, environment, http)
        with found.working():
            yield found


def test_each_workflow_starts_its_flow_on_the_server_and_ends_as_it_did(shop_team, server, settings, state):
    def act(workflow, event, **inputs):
        run = shop_team.act(workflow, event, inputs=inputs, **settings, variables={
            "PREFECT_API_URL": server.environment["PREFECT_API_URL"], "HEADGATE_SCHEDULES": "github"})
        assert "/runs/flow-run/" in run.page, run.text
        return run.result

    def last(flow):
        run = server.runs(flow)[0]
        assert run["deployment_id"], "no deployment of the server ran"
        return run["state_type"], run["state_name"], run["parameters"]["model"]

    assert act("model-training.yml", "schedule") == {"plan": "success", "server": "success"}
    assert last("train") == ("COMPLETED", "Completed", "shop")
    place = Workspace.from_environment({"HEADGATE_HOME": server.environment["HEADGATE_HOME"]}, shop_team.folder)
    assert read.champion(place, "shop").version == "1" and state() is None, "the server keeps its own state"

    assert act("deploy-api.yml", "workflow_dispatch", model="shop", version="1") == \
        {"models": "success", "server-staging": "success", "server": "success"}
    assert last("deploy") == ("COMPLETED", "Completed", "shop")
    staged, deployed = (run["parameters"] for run in reversed(server.runs("deploy")))
    assert staged["stage_only"] and not staged.get("approve") and deployed["approve"] and deployed["staged"]
    assert act("schedule-retrain.yml", "schedule") == {"plan": "success", "server": "success"}
    assert last("retrain") == ("COMPLETED", "Completed", "shop")

    shop_team.write(orders.PLACE, orders.table(noise=0.5))
    assert act("model-training.yml", "workflow_dispatch", model="shop", algorithm="spec") == \
        {"plan": "success", "server": "failure"}
    assert server.runs("train")[0]["state_name"] == "Rejected" and read.champion(place, "shop").version == "1"


@pytest.fixture
def registry(shop_team, quick, tmp_path):
    """The Workspace of a server on which shop has a champion."""
    home = tmp_path / "server"
    shutil.copytree(shop_team.root / "tables", home)
    told = {**shop_team.surroundings, **quick, "HEADGATE_HOME": str(home)}
    subprocess.run([str(shop_team.root / "bin" / "python"), "-m", "flows.train", "--model", "shop"], env=told,
                   cwd=shop_team.folder, check=True, capture_output=True)
    return Workspace.from_environment({"HEADGATE_HOME": str(home)}, shop_team.folder)


def test_pull_requests_run_in_the_runner_and_write_nothing_elsewhere(shop_team, settings, pull_request, registry):
    """One that trains asks no server and says so; one that validates reads who serves there."""
    before = read.list_versions(registry, "shop")
    document = pull_request({orders.PLACE: orders.table(rows=900, seed=2)})
    variables = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "MLFLOW_TRACKING_URI": registry.tracking_uri}
    run = shop_team.act("model-training.yml", "pull_request", document, variables=variables, **settings)
    assert run.result == {"plan": "success", "train": "success", "join": "success", "comment": "success"}, run.text
    assert "The champion is on the Prefect server and was not asked" in run.page and "no champion" not in run.page

    run = shop_team.act("data-validation.yml", "pull_request", document, variables=variables, **settings)
    assert run.result == {"plan": "success", "validate": "success", "comment": "success"}, run.text
    assert "Validation of shop: passed" in run.page and "distribution" in run.page, run.page
    assert "was not asked" not in run.page and "no champion" not in run.page
    assert read.list_versions(registry, "shop") == before and before[0].aliases == ("champion",)
