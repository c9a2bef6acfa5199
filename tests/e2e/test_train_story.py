"""A team's whole story on a real Prefect server and a real MLflow: from someone else's table to rollback."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import prefect_pages
import shop

from headgate import ledger
from headgate.registry import read

NOWHERE = "http://127.0.0.1:9/api"
STATED = {"model", "outcome", "verdict", "version", "accuracy", "gates", "data_digest", "run_id", "report"}
GATES = ["accuracy", "cross_validation", "baseline", "champion", "slices", "calibration", "parity", "cost"]


def roles(place):
    return {alias: one.version for one in read.list_versions(place.workspace, "shop") for alias in one.aliases}


def versions(place):
    return [one.version for one in read.list_versions(place.workspace, "shop", half_made=True)]


def mlflow_run(place, identity):
    """Return {tag: value} of an MLflow run."""
    from headgate.registry import mlflow_store
    with mlflow_store.connect(place.workspace) as client:
        return client.get_run(identity).data.tags


def test_from_someone_elses_table_to_rollback(open_shop, tmp_path):
    place = open_shop(tmp_path)
    table = tmp_path / "shop.csv"
    shop.orders(2000, noise=0.05).to_csv(table, index=False)

    drafted = place.headgate("new", "shop", "--from", table, "--target", "bought")
    assert drafted.code == 0 and drafted["columns"] == ["price", "visits", "colour"]
    assert place.headgate("spec", "shop").code == 0, "the draft is a model.yaml as it stands"
    checked = place.validate()
    assert checked.code == 0 and checked["outcome"] == "valid" and Path(checked["report"]).is_file()
    assert read.list_names(place.workspace) == (), "validating registers nothing"

    first = place.train("--algorithm", "logistic_regression")
    assert first.code == 0 and STATED <= set(first.document), first.complained
    assert (first["outcome"], first["verdict"], first["version"]) == ("promoted", "promote", "1")
    assert [gate["name"] for gate in first["gates"]] == GATES
    assert {gate["verdict"] for gate in first["gates"]} == {"pass"} and 0.9 <= first["accuracy"] <= 1
    assert Path(first["report"]).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert roles(place) == {"champion": "1"}
    check_pages(place, first.document)

    again = replace(place, api=NOWHERE).train("--algorithm", "logistic_regression")
    assert again.code == 0 and again["outcome"] == "unchanged", "answered although no Prefect answers"
    assert {name: again[name] for name in STATED - {"outcome"}} == {name: first[name] for name in STATED - {"outcome"}}

    shop.orders(2000, seed=1).to_csv(table, index=False)
    second = place.train("--algorithm", "logistic_regression")
    assert (second.code, second["outcome"], second["version"]) == (0, "registered", "2"), second.complained
    assert roles(place) == {"champion": "1", "challenger": "2"}, "nothing serves before it is promoted"

    assert place.headgate("promote", "shop").code == 0
    assert roles(place) == {"champion": "2", "previous": "1"}
    assert place.headgate("rollback", "shop", "--reason", "complaints").code == 0
    assert roles(place) == {"champion": "1"}

    shop.orders(220, seed=2).to_csv(table, index=False)
    third = place.train("--algorithm", "logistic_regression")
    assert (third.code, third["outcome"], third["verdict"]) == (0, "held", "hold"), "too few rows to tell"
    assert [gate["name"] for gate in third["gates"] if gate["verdict"] != "pass"] == ["champion"]
    refused = place.headgate("promote", "shop", "--version", "3")
    assert refused.code == 1 and roles(place) == {"champion": "1"}

    told = place.headgate("why", "shop", "--version", "2")
    assert told.code == 0 and told["chain_ok"]
    assert [entry["event"] for entry in told["entries"]] == [
        "data validated", "registered", "waits as challenger", "promoted", "rolled back"]


def check_pages(place, summary):
    """The Prefect page of a run says what it came to, and shows the gates; MLflow's links back to it."""
    run = prefect_pages.flow_run(place.api, summary["flow_run"])
    assert (run["name"], run["state_type"]) == ("train shop v1 promoted", "COMPLETED")
    shown = prefect_pages.artifacts(place.api, summary["flow_run"])
    assert set(shown) == {"shop-validation", "shop-gates", "shop-report"}
    assert [row["gate"] for row in json.loads(shown["shop-gates"]["data"])] == GATES
    assert summary["report"] in shown["shop-report"]["data"] and summary["mlflow_run"] in shown["shop-report"]["data"]
    assert mlflow_run(place, summary["run_id"])["headgate.flow_run"] == summary["flow_run"]


def test_a_bad_table_is_rejected_with_its_rows_in_quarantine(undisturbed, tmp_path):
    place = undisturbed
    table = shop.orders(seed=7)
    table.loc[[3, 40], "price"] = 9999.0
    table.loc[[40, 77], "colour"] = "mauve"
    table.to_csv(tmp_path / "bad.csv", index=False)
    before = len(prefect_pages.flow_runs(place.api))
    answer = place.train("--data", tmp_path / "bad.csv")
    assert answer.code == 1 and STATED <= set(answer.document)
    assert (answer["outcome"], answer["verdict"], answer["version"]) == ("rejected", "reject", None)
    kept = pd.read_csv(answer["quarantine"])
    assert kept["order"].tolist() == [3, 40, 77], "every offending row once, as it came"
    assert kept["price"].tolist() == [9999.0, 9999.0, table.loc[77, "price"]]
    assert any("price" in sentence for sentence in answer["failed"])
    assert any("colour" in sentence for sentence in answer["failed"]), "every check ran"
    run = prefect_pages.flow_run(place.api, answer["run_id"])
    assert (run["state_type"], run["state_name"], run["name"]) == ("FAILED", "Rejected", "train shop rejected")

    again = place.train("--data", tmp_path / "bad.csv")
    assert again.code == 1 and again["outcome"] == "unchanged", "the answer is still no"
    assert len(prefect_pages.flow_runs(place.api)) == before + 1, "and nothing ran to say so"
    checked = place.validate("--data", tmp_path / "bad.csv")
    assert checked.code == 1 and checked["outcome"] == "invalid"
    told = [entry.event for entry in ledger.entries(place.workspace, "shop")]
    assert told[-2:] == ["data rejected", "data rejected"]


def test_a_model_of_noise_is_rejected_by_its_gates(undisturbed, tmp_path):
    place = undisturbed
    shop.orders(seed=8, noise=1.0).to_csv(tmp_path / "noise.csv", index=False)
    answer = place.train("--data", tmp_path / "noise.csv")
    assert (answer.code, answer["outcome"], answer["version"]) == (1, "rejected", None), answer.complained
    verdicts = {gate["name"]: gate["verdict"] for gate in answer["gates"]}
    assert list(verdicts) == GATES, "all of them ran"
    assert verdicts["accuracy"] == verdicts["cross_validation"] == verdicts["baseline"] == "fail"
    assert verdicts["parity"] == verdicts["cost"] == "pass"
    assert Path(answer["report"]).is_file()
    assert mlflow_run(place, answer["run_id"])["headgate.outcome"] == "rejected"
    run = prefect_pages.flow_run(place.api, answer["flow_run"])
    assert (run["state_type"], run["state_name"], run["name"]) == ("FAILED", "Rejected", "train shop rejected")
    again = place.train("--data", tmp_path / "noise.csv")
    assert again.code == 1 and again["outcome"] == "unchanged" and again["verdict"] == "reject"


def test_the_best_of_several_algorithms_is_judged_and_another_limit_repeats_only_the_judging(settled):
    place, _ = settled
    both = {"logistic_regression": {}, "random_forest": {}}
    shop.write_model(place.root, shop.spec(algorithms=both))
    first = place.train()
    assert first["algorithm"] == "logistic_regression", "the answer is a straight line"
    compared = {"cross-validate logistic_regression", "cross-validate random_forest"}
    states = prefect_pages.task_states(place.api, first["flow_run"], compared | {"fit logistic_regression"})
    assert states["cross-validate random_forest"] == "Completed"
    assert states["cross-validate logistic_regression"] == states["fit logistic_regression"] == "Cached", \
        "known from the run before"
    assert "fit random_forest" not in states, "only the chosen one is fitted"

    shop.write_model(place.root, shop.spec(algorithms=both, gates=[{"gate": "accuracy", "at_least": 0.5}]))
    second = place.train()
    assert second.code == 0 and second["accuracy"] == first["accuracy"], second.complained
    assert second["gates"][0]["limit"] == 0.5 and first["gates"][0]["limit"] == 0.9
    cached = compared | {"read shop", "validate shop", "snapshot shop", "fit logistic_regression"}
    ran = {"judge logistic_regression", "register shop"}
    states = prefect_pages.task_states(place.api, second["flow_run"], cached | ran)
    assert {name: states[name] for name in cached | ran} == dict.fromkeys(cached, "Cached") | dict.fromkeys(
        ran, "Completed")
    assert second.complained.count("not repeated") == 7, "and whoever watches the terminal is told"


def test_a_version_is_made_again_from_its_record(settled):
    place, _ = settled
    again = place.headgate("reproduce", "shop", "--version", "1")
    assert (again.code, again["same"], again["max_difference"], again["differs"]) == (0, True, 0, []), again.complained
    [snapshot] = [path for path in place.workspace.snapshots.iterdir()
                  if path.stem == read.find_version(place.workspace, "shop", 1).tags["headgate.data_digest"]]
    rows, before = pd.read_parquet(snapshot), snapshot.read_bytes()
    rows.loc[0, "price"] += 1
    rows.to_parquet(snapshot, index=False)
    changed = place.headgate("reproduce", "shop", "--version", "1")
    assert changed.code == 2 and "was changed" in changed.complained and str(snapshot) in changed.complained
    snapshot.write_bytes(before)


def test_a_champion_whose_files_were_changed_is_compared_with_nothing(settled):
    place, _ = settled
    shop.write_model(place.root)
    graph = read.champion(place.workspace, "shop").bundle / "model.onnx"
    before = graph.read_bytes()
    graph.write_bytes(before + b"one more byte")
    answer = place.train("--force")
    graph.write_bytes(before)
    assert (answer.code, answer["outcome"]) == (0, "held"), answer.complained
    [gate] = [gate for gate in answer["gates"] if gate["verdict"] != "pass"]
    assert gate["name"] == "champion" and "model.onnx" in gate["sentence"]


def test_two_validations_of_one_table_by_other_rules_keep_a_report_each(settled):
    place, _ = settled
    shop.orders().to_csv(place.root / "shop.csv", index=False)
    shop.write_model(place.root)
    passed = place.validate()
    columns = [dict(shop.COLUMNS[0], range=[0, 10]), *shop.COLUMNS[1:]]
    shop.write_model(place.root, shop.spec(columns=columns))
    failed = place.validate()
    shop.write_model(place.root)
    assert (passed.code, failed.code) == (0, 1) and passed["report"] != failed["report"]
    assert "passed" in Path(passed["report"]).read_text(encoding="utf-8")
    assert len(pd.read_csv(failed["quarantine"])) == (shop.orders()["price"] < 0).sum()


def test_a_report_that_was_deleted_is_written_again(settled):
    place, _ = settled
    shop.write_model(place.root)
    checked = place.validate()
    Path(checked["report"]).unlink()
    again = place.validate()
    assert again.code == 0 and Path(again["report"]).is_file()
