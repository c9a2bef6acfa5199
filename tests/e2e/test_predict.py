"""`python -m flows.predict`: a table of any kind, with a version or alias, scored as the version was judged."""

import multiprocessing
import os
import signal
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import prefect_pages
import pytest
import shop
from dying import predict_until_killed
from sqlalchemy import create_engine

from headgate.bundle import read_golden
from headgate.registry import read
from headgate.scoring import score
from tests.integration.conftest import postgres  # noqa: F401

COLUMNS = [{"name": "price", "kind": "number", "range": [-10, 10]},
           {"name": "visits", "kind": "number", "range": [-10, 10], "nullable": True},
           {"name": "colour", "kind": "category", "categories": ["amber", "blue", "cyan"],
            "unknown": "treat_as_unknown", "nullable": True}]
SPEC = shop.spec(columns=COLUMNS, target={"column": "bought", "classes": ["no", "yes"], "labels": {"yes": "Buys"}})
KILLED = [("before", "headgate.scoring.score:check_golden"), ("after", "headgate.scoring.files:_opened"),
          ("before", "headgate.scoring.score:refuse_existing")]


@pytest.fixture(scope="module")
def open_sunday(open_shop, tmp_path_factory):
    """A shop with two versions, the first of them champion."""
    place = open_shop(tmp_path_factory.mktemp("scored"))
    table = shop.orders()
    table.loc[::17, "visits"] = np.nan
    table.loc[::19, "colour"] = None
    table.to_csv(place.root / "shop.csv", index=False)
    shop.write_model(place.root, SPEC)
    assert place.train()["outcome"] == "promoted"
    table.iloc[:500].to_csv(place.root / "shop.csv", index=False)
    assert place.train()["version"] == "2"
    return place


@pytest.fixture
def place(open_sunday):
    return open_sunday


def golden(place):
    """Return (golden rows of the champion, their probabilities): nulls, an unseen colour, edges of ranges."""
    document = read_golden(read.champion(place.workspace, "shop").bundle)
    frame = pd.DataFrame(document["columns"])
    assert frame["visits"].isna().any() and frame["colour"].isna().any() and "never seen before" in set(frame["colour"])
    return frame.assign(order=[f"{number:05d}" for number in range(len(frame))]), np.array(document["probabilities"])


@pytest.mark.parametrize("kind", ["csv", "parquet", "sqlite", "postgresql"])
def test_golden_rows_come_out_of_every_kind_of_table(place, request, tmp_path, monkeypatch, kind):
    frame, wanted = golden(place)
    monkeypatch.setattr(score, "ROWS", 7)
    answer = place.predict(*written(frame, kind, request, tmp_path), "--output", tmp_path / "out.parquet")
    assert answer.code == 0 and answer["outcome"] == "scored" and answer["rows"] == answer["scored"] == len(frame), \
        answer.complained
    answers = pd.read_parquet(tmp_path / "out.parquet")
    assert list(answers) == ["order", "prediction", "label", "probability", "probability_no", "probability_yes",
                             "model_version"]
    assert answers["order"].tolist() == frame["order"].tolist(), "00007 is still 00007"
    assert np.allclose(answers[["probability_no", "probability_yes"]], wanted, atol=1e-4)
    assert (answers["label"] == answers["prediction"].map({"yes": "Buys", "no": "no"})).all()
    assert answer["quarantine"] is None and answer["classes"] == answers["prediction"].value_counts().to_dict()


def written(frame, kind, request, folder):
    """Write a table; return the options that name it."""
    if kind in ("sqlite", "postgresql"):
        url = request.getfixturevalue("postgres") if kind == "postgresql" else f"sqlite:///{folder / 't.db'}"
        engine = create_engine(url)
        frame.to_sql("due", engine, index=False, if_exists="replace")
        engine.dispose()
        return "--sql", 'SELECT * FROM due ORDER BY "order"', "--database", url
    path = folder / f"t.{kind}"
    frame.to_parquet(path) if kind == "parquet" else frame.to_csv(path, index=False)
    return "--data", path


def test_blocks_or_not_the_answers_are_the_same(place, tmp_path, monkeypatch):
    shop.orders(1000, seed=5).drop(columns="bought").to_csv(tmp_path / "t.csv", index=False)
    whole = place.predict("--data", tmp_path / "t.csv", "--output", tmp_path / "whole.csv")
    monkeypatch.setattr(score, "ROWS", 64)
    parts = place.predict("--data", tmp_path / "t.csv", "--output", tmp_path / "parts.csv")
    assert whole.code == parts.code == 0 and whole["classes"] == parts["classes"]
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "whole.csv"), pd.read_csv(tmp_path / "parts.csv"), atol=1e-6)


def test_a_number_or_an_alias_and_the_models_own_table(place):
    for version, number in (("champion", "1"), ("1", "1"), ("2", "2")):
        answer = place.predict("--version", version)
        assert answer.code == 0 and (answer["version"], answer["rows"]) == (number, 500), answer.complained
        output = Path(answer["output"])
        assert output.parent == place.home / "predictions" and output.name.startswith(f"shop-{number}-")
        assert set(pd.read_parquet(output)["model_version"]) == {number}
        run = prefect_pages.flow_run(place.api, answer["run_id"])
        assert (run["name"], run["state_name"]) == (f"predict shop v{number} scored", "Completed")
    page = prefect_pages.artifacts(place.api, answer["run_id"])["shop-predictions"]["data"]
    assert "| rows | 500 |" in page and str(output) in page and "| class yes |" in page


def test_bad_rows_go_to_quarantine_and_too_many_are_an_answer(place, tmp_path):
    frame = shop.orders(100, seed=6).drop(columns="bought").astype({"price": object})
    frame.loc[[10, 20, 30], "price"] = ["cheap", 10.001, None]
    frame.loc[[40, 50], "price"] = [10, -10]
    frame.to_csv(tmp_path / "t.csv", index=False)
    fine = place.predict("--data", tmp_path / "t.csv", "--output", tmp_path / "fine.parquet")
    assert (fine.code, fine["bad"], fine["wrong"]) == (0, 3, {"price": 3}), fine.complained
    assert not set(pd.read_parquet(tmp_path / "fine.parquet")["order"]) & {"10", "20", "30"}
    aside = pd.read_csv(fine["quarantine"])
    assert aside["row"].tolist() == [10, 20, 30] and aside["price"].tolist()[0] == "cheap"
    assert aside["reason"][1] == 'price must be a number from -10 to 10; seen "10.001".'

    no = place.predict("--data", tmp_path / "t.csv", "--output", tmp_path / "no.parquet", "--max-bad-share", "0.029")
    assert (no.code, no["outcome"], no["output"]) == (1, "rejected", None)
    for told in ("3 of 100 rows", "at most 2.90%", "Nothing was written"):
        assert told in no.complained
    assert not (tmp_path / "no.parquet").exists() and len(pd.read_csv(no["quarantine"])) == 3
    assert prefect_pages.flow_run(place.api, no["run_id"])["state_name"] == "Rejected"


@pytest.mark.parametrize("options, told", [
    (("--version", "7"), "'shop' has no version 7"), (("--version", "canary"), "no version with the alias 'canary'"),
    (("--data", "gone.csv"), "no file at"), (("--data", "narrow.csv"), "has no column 'price'"),
    (("--data", "empty.csv"), "header but no rows"), (("--sql", "SELECT 1"), "--database"),
    (("--sql", "SELECT * FROM nosuch", "--database", "sqlite:///empty.db"), "nosuch"),
    (("--output", "there.csv"), "--overwrite"), (("--output", "out.xls"), "out.xls")])
def test_what_cannot_run(place, tmp_path, monkeypatch, options, told):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "narrow.csv").write_text("order,colour,visits\n1,blue,2\n")
    (tmp_path / "empty.csv").write_text("order,price,colour,visits\n")
    (tmp_path / "there.csv").write_text("mine")
    sqlite3.connect(tmp_path / "empty.db").close()
    (tmp_path / "empty.db").touch()
    before = {*tmp_path.iterdir()}
    answer = place.predict("--output", tmp_path / "o.csv", *options)
    assert answer.code == 2 and told in answer.complained and "Traceback" not in answer.complained, answer.complained
    assert {*tmp_path.iterdir()} == before and (tmp_path / "there.csv").read_text() == "mine"


def test_a_model_that_was_never_trained(place):
    answer = place.predict(model="shpo")
    assert answer.code == 2 and "'shpo' has no version" in answer.complained


@pytest.fixture(scope="module")
def processes():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["flows.predict", "flows.launch.predict", "prefect.flow_engine",
                                    "prefect.task_engine", "prefect.concurrency.services", "flows.launch.show"])
    return context


@pytest.mark.parametrize("before", [None, "mine"])
def test_killed_at_any_moment_there_is_no_half_of_a_file(place, processes, tmp_path, before):
    shop.orders(500, seed=5).to_csv(tmp_path / "t.csv", index=False)
    output = tmp_path / "out.csv"
    if before:
        output.write_text(before)
    for moment, function in KILLED:
        options = ("--data", tmp_path / "t.csv", "--output", output, "--overwrite")
        child = processes.Process(target=predict_until_killed, args=(place, moment, function, options))
        child.start()
        child.join(120)
        assert child.exitcode == -signal.SIGKILL, f"{moment} {function}"
        assert (output.read_text() if output.exists() else None) == before, f"{moment} {function}"
    assert place.predict(*options).code == 0 and len(pd.read_csv(output)) == 500


def test_a_disk_that_is_full(place, processes, tmp_path):
    shop.orders(3000, seed=5).to_csv(tmp_path / "t.csv", index=False)
    options = ("--data", tmp_path / "t.csv", "--output", tmp_path / "out" / "out.csv")
    answers = processes.Queue()
    child = processes.Process(target=predict_on_a_full_disk, args=(place, 60_000, options, answers))
    child.start()
    answer = answers.get(timeout=120)
    child.join(60)
    assert answer.code == 2 and "out.csv could not be written" in answer.complained, answer.complained
    assert list((tmp_path / "out").iterdir()) == []


def predict_on_a_full_disk(place, limit, options, answers):
    import resource
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
    answers.put(place.predict(*options))


def test_in_a_process_of_its_own(place, tmp_path):
    shop.orders(50, seed=5).to_csv(tmp_path / "t.csv", index=False)
    answer = place.command("flows.predict", "--model", "shop", "--data", str(tmp_path / "t.csv"), "--json")
    assert answer.code == 0 and answer["scored"] == 50, answer.complained
    assert len(answer.said.splitlines()) == 1 and "scored 50 rows" in answer.complained
    assert os.path.isfile(answer["output"])
