"""A quarter of a post office on a real Prefect server and worker: flows start one another, and people only approve.

In October the first version is trained. In November queues grow and there are more hands for them: drift is found, and
what is trained again learns from letters that the prediction log alone knows. In December a third of the answers is
wrong, and nothing new serves.
"""

import json
import os
import shutil
import subprocess
import sys

import letters
import orchestrated
import pandas as pd
import pytest
from letters import DECEMBER, NOVEMBER, OCTOBER, at_counters
from post_office import PostOffice
from receiver import receiving
from running import CHECKOUT, as_process, workspace_at

from headgate.bundle.read import read_lineage
from headgate.registry import read


@pytest.fixture
def office(tmp_path, prefect_tables, empty_registry):
    """A post office that has just opened: no version, every flow deployed, and production that follows the registry."""
    (tmp_path / "state").mkdir()
    shutil.copy(empty_registry, tmp_path / "state" / "mlflow.db")
    with receiving() as told, as_process(workspace_at(tmp_path / "state")) as service, orchestrated.serving(
            tmp_path, prefect_tables, HEADGATE_NOTIFY=told.url,
            HEADGATE_PRODUCTION_URL=f"http://127.0.0.1:{service.port}") as server, server.working() as worker:
        yield PostOffice(server, worker, service, told)


@pytest.mark.timeout(900)     # six flow runs, one after the other: a minute and a half where nothing else runs
def test_a_quarter(office):
    october, november = letters.month(OCTOBER), letters.month(NOVEMBER)
    december = letters.month(DECEMBER, wrong=0.3)
    in_table = [october, november[~at_counters(november)], december[~at_counters(december)]]
    letters.stand_at(office.root, OCTOBER, *in_table[:1])
    the_first_version_is_deployed(office)
    letters.stand_at(office.root, NOVEMBER, *in_table[:2])
    drift_is_found(office, november)
    a_better_version_comes_of_it(office, november)
    letters.stand_at(office.root, DECEMBER, *in_table)
    a_worse_one_is_rejected(office, december)
    everything_is_told(office)


def the_first_version_is_deployed(office):
    trained = office.run("train/train")
    assert (trained["state_name"], trained["name"]) == ("Completed", "train letters v1 registered"), trained["state"]
    assert office.roles() == {"challenger": "1"}, "nothing serves that nobody approved"
    deployed = office.approve()
    assert (deployed["state_name"], deployed["name"]) == ("Completed", "deploy letters v1 deployed"), deployed["state"]
    assert (office.roles(), office.serves()) == ({"champion": "1"}, "1")
    assert [*office.notices()] == ["registered", "deployed"]


def drift_is_found(office, november):
    assert office.serve(november) == {"1"}
    drifted = office.run("drift/drift")
    assert (drifted["state_name"], drifted["name"]) == ("Drift", "drift letters v1 drift"), drifted["state"]
    found = office.summary(drifted)
    assert (found["drifted_columns"], found["rows"]) == (["queue"], at_counters(november).sum())
    assert set(office.artifacts(drifted)) >= {"letters-drift", "letters-drift-columns"}


def a_better_version_comes_of_it(office, november):
    retrained = office.started_by_itself("retrain")
    assert (retrained["state_name"], retrained["name"]) == ("Completed", "retrain letters v2 retrained"), retrained
    decided = office.summary(retrained)
    assert {"drift", "accuracy"} <= {rule["rule"] for rule in decided["reasons"] if rule["fires"]}
    [champion] = [gate for gate in decided["training"]["gates"] if gate["name"] == "champion"]
    assert champion["verdict"] == "pass" and champion["observed"] > 0.2, "far better on the same rows"
    learned_from_the_log(office, november)
    deployed = office.approve()
    assert (deployed["state_name"], deployed["name"]) == ("Completed", "deploy letters v2 deployed"), deployed["state"]
    assert (office.roles(), office.serves()) == ({"champion": "2", "previous": "1"}, "2")
    assert sorted(office.notices()) == ["deployed", "drift", "retrained"]


def learned_from_the_log(office, november):
    lineage = read_lineage(read.bundle_folder(office.workspace, read.find_version(office.workspace, "letters", "2")))
    snapshot = pd.read_parquet(office.workspace.snapshots / f"{lineage['data_digest']}.parquet")
    counters = set(november["letter"][at_counters(november)])
    assert counters <= set(snapshot["letter"]) and lineage["prediction_log"]["rows"] == len(counters)
    assert not counters & set(pd.read_csv(office.root / "letters.csv")["letter"]), "the table knows none of them"


def a_worse_one_is_rejected(office, december):
    assert office.serve(december) == {"2"}
    weighed = office.run("retrain/retrain")
    assert (weighed["state_name"], weighed["name"]) == ("Rejected", "retrain letters rejected"), weighed["state"]
    decided = office.summary(weighed)
    assert [rule["rule"] for rule in decided["reasons"] if rule["fires"]] == ["schedule", "accuracy", "new_rows"]
    assert decided["training"]["accuracy"] < 0.9 and decided["training"]["version"] is None
    assert (office.roles(), office.serves()) == ({"champion": "2", "previous": "1"}, "2")
    told = office.notices()
    assert [*told] == ["gates_rejected"] and "Version 2 is champion." in told["gates_rejected"]
    assert "accuracy" in told["gates_rejected"] and decided["sentence"] in told["gates_rejected"], "why it was trained"


def everything_is_told(office):
    place = {**os.environ, "HEADGATE_ROOT": str(office.root), "HEADGATE_HOME": str(office.workspace.home)}
    done = subprocess.run([sys.executable, "-m", "headgate", "why", "letters", "--version", "champion", "--json"],
                          cwd=CHECKOUT, env=place, capture_output=True, text=True, encoding="utf-8", timeout=60)
    story = json.loads(done.stdout.splitlines()[-1])
    assert done.returncode == 0 and story["chain_ok"] and story["version"] == "2", done.stderr
    told = [(one["event"], one["version"]) for one in story["entries"]]
    [approved] = [one for one in story["entries"] if one["event"] == "deployment approved"]
    assert approved["actor"] == "ada" and approved["body"]["reason"] == "looks right"
    wanted = [("data validated", ""), ("registered", "2"), ("waits as challenger", "2"), ("deployment approved", "2"),
              ("promoted", "2"), ("deployment ended", "2"), ("retraining due", "2"), ("retraining rejected", "2")]
    assert [one for one in told if one in wanted] == wanted and ("retrained", "2") in told
