"""A model in use: its callers change, that is found, it learns from what it answered; what is worse never serves."""

import json
from pathlib import Path

import httpx
import numpy as np
import pandas as pd
import prefect_pages
import pytest
import shop
from receiver import receiving
from running import in_thread, until

from headgate.bundle import read_lineage
from headgate.prediction_log import read_rows
from headgate.registry import read

DATA = {"source": {"csv": "../../shop.csv"}, "key": ["order"], "time_column": "day", "as_of": "2026-03-01",
        "holdout": {"days": 20}}
PER_DAY = 20


def orders(first, rows, *, more=0.0, noise=0.0):
    """Return orders numbered from `first` on, twenty a day from the first of January; their price is `more` higher."""
    table = shop.orders(rows, seed=first, first=first)
    table["price"] = (table["price"] + more).clip(-9, 9)
    bought = table["price"] + table["visits"] / 3 + (table["colour"] == "amber") / 2 > 0.2
    flip = np.random.default_rng(first).random(rows) < noise
    days = pd.Timestamp("2026-01-01") + pd.to_timedelta(table["order"] // PER_DAY, "D")
    return table.assign(day=days.dt.strftime("%Y-%m-%d"), bought=np.where(bought ^ flip, "yes", "no"))


def serve(place, table):
    """Ask the running service about every order, and tell it the truth about each."""
    known = len(list(read_rows(place.workspace, "shop")))
    with in_thread(place.workspace) as service:
        until(lambda: service.get("/ready").status_code == 200)
        rows = table.drop(columns="bought").to_dict("records")
        answers = service.post("/models/shop/predict/batch", {"instances": rows}).json()["predictions"]
        for one, truth in zip(answers, table["bought"]):
            body = {"prediction_id": one["prediction_id"], "label": truth}
            assert service.post("/feedback", body).status_code == 202
        until(lambda: len(list(read_rows(place.workspace, "shop"))) == known + len(table))


@pytest.fixture(scope="module")
def place(open_shop, tmp_path_factory):
    """A shop that learnt from January and February: 59 days, of which the last 20 judged."""
    place = open_shop(tmp_path_factory.mktemp("shop"))
    shop.write_model(place.root, shop.spec(data=DATA))
    orders(0, 59 * PER_DAY).to_csv(place.root / "shop.csv", index=False)
    first = place.train()
    assert first["outcome"] == "promoted", first.complained
    return place


def champion(place):
    return read.champion(place.workspace, "shop").version


def events(place, name):
    found = httpx.post(f"{place.api}/events/filter", json={"filter": {"event": {"name": [name]}}}, trust_env=False)
    return [one for one in found.json()["events"] if one["resource"]["prefect.resource.id"] == "headgate.model.shop"]


def test_without_newer_rows_nothing_is_compared_and_nothing_is_due(place):
    held = place.drift()
    assert (held.code, held["outcome"], held["drift"], held["missing_rows"]) == (0, "held", False, 500), held.complained
    assert "--as-of moves the day" in held["sentence"] and Path(held["report"]).is_file() and held["evidently"] is None
    told = place.retrain("--dry-run")
    assert (told.code, told["outcome"], told["train"], told["training"]) == (0, "not_due", False, None)
    assert {rule["rule"]: rule["fires"] for rule in told["reasons"]} == dict.fromkeys(
        ("schedule", "drift", "accuracy", "new_rows"), False)


def test_what_cannot_be_compared_is_an_error(place, tmp_path):
    orders(0, 600).rename(columns={"price": "cost"}).to_csv(tmp_path / "renamed.csv", index=False)
    renamed = place.drift("--data", tmp_path / "renamed.csv")
    assert renamed.code == 2 and "no column 'price'" in renamed["error"]
    nobody = place.drift("--version", "canary")
    assert nobody.code == 2 and "no reference to compare with" in nobody["error"]
    assert place.drift("--current", "somewhere").code == 2 and place.drift("--since", "today").code == 2
    assert place.retrain(model="nothing").code == 2


def test_the_story_of_a_model_in_use(place, monkeypatch, tmp_path):
    with receiving() as receiver:
        monkeypatch.setenv("HEADGATE_NOTIFY", receiver.url)
        march = orders(59 * PER_DAY, 31 * PER_DAY, more=1.2)
        serve(place, march)
        drift_is_found(place, receiver, monkeypatch, tmp_path)
        it_is_due_and_a_dry_run_leaves_no_trace(place)
        it_learns_from_what_it_answered(place, march)
        assert receiver.kinds == ["drift", "retrained", "not_retrained"], "one notice per event"
        assert place.headgate("promote", "shop", "--version", "2").code == 0 and champion(place) == "2"
        serve(place, orders(90 * PER_DAY, 30 * PER_DAY, more=1.2, noise=0.4))
        receiver.got.clear()
        what_is_worse_is_rejected(place)
        assert receiver.kinds == ["gates_rejected"]
        assert "What serves now: Version 2 is champion." in receiver.got[-1][1]["message"]
        it_can_be_held_back(place)


def drift_is_found(place, receiver, monkeypatch, tmp_path):
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "page.md"))
    found = place.drift("--as-of", "2026-04-01", "--github-output")
    assert (found.code, found["outcome"], found["current"]) == (3, "drift", "log"), found.complained
    assert found["rows"] == 30 * PER_DAY, "of the last 30 days"
    assert found["weights"] == "importance" and found["drifted_columns"] == ["price"]
    assert "drift=true\n" in (tmp_path / "output").read_text()
    assert "| price | yes |" in (tmp_path / "page.md").read_text()
    assert Path(found["evidently"]).is_file() and receiver.kinds == ["drift"]
    [event] = until(lambda: events(place, "headgate.drift.found"))
    assert event["payload"]["model"] == "shop" and event["payload"]["drifted_columns"] == ["price"]
    run = prefect_pages.flow_run(place.api, found["run_id"])
    assert (run["name"], run["state"]["type"], run["state"]["name"]) == ("drift shop v1 drift", "COMPLETED", "Drift")
    tables = prefect_pages.artifacts(place.api, found["run_id"])
    assert [row["column"] for row in json.loads(tables["shop-drift-columns"]["data"])][0] == "price"
    assert place.drift("--as-of", "2026-04-01").code == 3 and receiver.kinds == ["drift"], "told once"


def it_is_due_and_a_dry_run_leaves_no_trace(place):
    before = len(place.headgate("why", "shop", "--version", "1")["entries"])
    told = place.retrain("--dry-run", "--as-of", "2026-04-01")
    fires = {rule["rule"]: rule["fires"] for rule in told["reasons"]}
    assert told.code == 0 and told["outcome"] == "due" and fires["drift"] and fires["schedule"] and fires["new_rows"]
    assert not fires["accuracy"] and champion(place) == "1" and told["training"] is None
    assert len(place.headgate("why", "shop", "--version", "1")["entries"]) == before


def it_learns_from_what_it_answered(place, march):
    done = place.retrain("--as-of", "2026-04-01")
    assert (done.code, done["outcome"], done["version"]) == (0, "retrained", "2"), done.complained
    assert done["training"]["outcome"] == "registered" and champion(place) == "1", "nothing serves unproven"
    snapshot = pd.read_parquet(place.workspace.snapshots / f"{done['training']['data_digest']}.parquet")
    source = pd.read_csv(place.root / "shop.csv")
    logged = snapshot[~snapshot["order"].astype(int).isin(source["order"])]
    assert sorted(logged["order"].astype(int)) == march["order"].tolist(), "rows that exist only in the prediction log"
    assert logged.sort_values("order", key=lambda one: one.astype(int))["bought"].tolist() == march["bought"].tolist()
    second = read.find_version(place.workspace, "shop", "2")
    lineage = read_lineage(read.bundle_folder(place.workspace, second))
    assert lineage["prediction_log"]["rows"] == len(march) and lineage["as_of"] == "2026-04-01"
    assert (place.home / "labelled" / f"{lineage['prediction_log']['digest']}.parquet").is_file()
    story = [entry["event"] for entry in place.headgate("why", "shop", "--version", "2")["entries"]]
    assert story == ["data validated", "registered", "waits as challenger", "retrained"]
    again = place.retrain("--as-of", "2026-04-01")
    assert again["outcome"] == "not_due" and "0 days ago" in again["sentence"], "the cool-down"
    forced = place.train("--with-log", "--as-of", "2026-04-01")
    assert forced["outcome"] == "unchanged", "the same rows, by whichever flow"


def what_is_worse_is_rejected(place):
    done = place.retrain("--as-of", "2026-05-01")
    fires = {rule["rule"]: rule["fires"] for rule in done["reasons"]}
    assert (done.code, done["outcome"], done["version"]) == (1, "rejected", None), done.complained
    assert fires["accuracy"] and champion(place) == "2"
    run = prefect_pages.flow_run(place.api, done["run_id"])
    assert (run["state"]["type"], run["state"]["name"]) == ("FAILED", "Rejected")
    told = place.headgate("why", "shop", "--version", "2")
    assert [entry["event"] for entry in told["entries"]][-2:] == ["retraining due", "retraining rejected"]
    assert told["chain_ok"]


def it_can_be_held_back(place):
    shop.write_model(place.root, shop.spec(data=DATA, retraining={"budget": {"trainings": 1, "days": 60}}))
    spent = place.retrain("--as-of", "2026-05-10")
    holds = {rule["rule"]: rule["fires"] for rule in spent["holds"]}
    assert spent.code == 0 and spent["outcome"] == "not_due" and holds["budget"] and not holds["cooldown"]
