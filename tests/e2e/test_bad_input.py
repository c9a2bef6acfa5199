"""What a newcomer may get wrong: each time an exit code, a message that names the thing, and a champion as before."""

import sqlite3
import threading
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pandas as pd
import pytest
import shop

from headgate.registry import embedded, read


def refused(answer, code, *told):
    """The command ended with `code`, told all of `told`, and printed no traceback."""
    assert answer.code == code, answer.complained
    for word in told:
        assert str(word) in answer.complained
    assert "Traceback" not in answer.complained and "unforeseen" not in answer.complained
    return answer


SPECS = {
    "an unknown key": (dict(shop.SPEC, algoritms={}), ["algoritms", "Did you mean 'algorithms'?"]),
    "a wrong kind": (shop.spec(columns=[dict(shop.COLUMNS[0], kind="nummer")]), ["'nummer'", "'number'"]),
    "an impossible range": (shop.spec(columns=[dict(shop.COLUMNS[0], range=[3, 2])]), ["'price'", "[3.0, 2.0]"]),
    "a target among the features": (shop.spec(target={"column": "price", "classes": ["no", "yes"]}),
                                    ["'price'", "take it off the list"]),
    "a duplicate column": (shop.spec(columns=[shop.COLUMNS[0]] * 2), ["columns are listed twice", "'price'"]),
    "an unknown algorithm": (shop.spec(algorithms=["logistic"]), ["'logistic'", "'logistic_regression'"]),
    "an unset variable": (shop.spec(data={"source": {"csv": "${SHOP_NOT_SET}/shop.csv"}}), ["SHOP_NOT_SET is not set"]),
    "a missing file": (shop.spec(data={"source": {"csv": "../../gone.csv"}}), ["no file at", "gone.csv"]),
    "a table in a package that is not there": (
        shop.spec(data={"source": {"package": "no_such_shop", "file": "a.csv"}}), ["no_such_shop", "pip install"]),
    "a parameter that the algorithm does not have": (
        shop.spec(algorithms={"logistic_regression": {"sea": 1}}), ["'sea'", "logistic_regression"]),
}


@pytest.mark.parametrize("case", SPECS)
def test_a_spec_that_cannot_be_used(undisturbed, case):
    document, told = SPECS[case]
    shop.write_model(undisturbed.root, document)
    answer = refused(undisturbed.train(), 2, *told)
    assert answer["exit_code"] == 2 and answer["error"] and answer["kind"].endswith("Error")


@pytest.mark.parametrize("algorithms, told", [
    ({"logistic_regression": {"sea": 1}}, "'sea'"), ({"logistic_regression": {"C": -1}}, "logistic_regression.C"),
    ({"logistic_regression": {"C": {"low": 2, "high": 1}}}, "low must be smaller than high")])
def test_parameters_are_refused_before_the_table_is_read(undisturbed, algorithms, told):
    shop.write_model(undisturbed.root, shop.spec(algorithms=algorithms, data={"source": {"csv": "../../shop.csv"}}))
    (undisturbed.root / "shop.csv").write_text("no table, but nobody looks")
    answer = refused(undisturbed.train(), 2, "model.yaml cannot be used", told)
    assert answer["kind"] == "SpecError"


def test_what_is_asked_for_on_the_command_line(undisturbed):
    for options, told in ((("--algorithm", "xgbost"), ["'xgbost'", "'xgboost'"]),
                          (("--as-of", "yesterday"), ["has no data.time_column"]),
                          (("--data", "gone.csv"), ["no file at", "gone.csv"])):
        refused(undisturbed.train(*options), 2, *told)
    refused(undisturbed.train(model="shpo"), 2, "no model 'shpo'", "'shop'")


FEATURES = {
    "cannot be traced": ("        'root': np.sqrt(columns['price'] ** 2)", "xp.sqrt"),
    "mixes rows": ("        'share': columns['price'] - xp.mean(columns['price'])", "mixes rows"),
    "answers NaN": ("        'log': xp.log(columns['price'])", "'log'"),
}


@pytest.mark.parametrize("case", FEATURES)
def test_features_that_cannot_be_used(undisturbed, case):
    line, told = FEATURES[case]
    shop.write_model(undisturbed.root, features="import numpy as np\n\n\ndef engineer_features(columns):\n    xp = "
                     f"columns['price'].__array_namespace__()\n    return {{\n{line}}}\n")
    refused(undisturbed.train(), 2, "features.py", told)


@pytest.mark.parametrize("source", ["import sys\nsys.exit(0)\n",
                                    "import sys\ndef engineer_features(columns):\n    sys.exit(0)\n"])
def test_features_that_would_end_the_process(undisturbed, source):
    shop.write_model(undisturbed.root, features=source)
    (undisturbed.root / "shop.csv").write_text("no table, but nobody looks")
    answer = refused(undisturbed.train(), 2, "features.py", "sys.exit(0)", "end the whole run")
    assert (answer["kind"], answer["exit_code"]) == ("FeaturesError", 2)


def written(data, name="shop.csv"):
    def write(root):
        (root / name).write_bytes(data() if callable(data) else data)
    return write


def cut_parquet():
    return shop.orders().to_parquet(None, index=False)[:5000]


FILES = {
    "an empty file": (b"", "csv", ["shop.csv is empty"]),
    "a header only": (b"order,price,visits,colour,bought\n", "csv", ["a header but no rows"]),
    "latin-1": (lambda: shop.orders().assign(colour="ambr\u00e9").to_csv(index=False).encode("latin-1"), "csv",
                ["shop.csv is not utf-8 text", "encoding: latin-1"]),
    "another separator": (lambda: shop.orders().to_csv(index=False, sep=";").encode(), "csv", ["separator"]),
    "a truncated parquet": (cut_parquet, "parquet", ["shop.parquet"]),
}


@pytest.mark.parametrize("case", FILES)
def test_a_file_that_cannot_be_read(undisturbed, case):
    data, kind, told = FILES[case]
    shop.write_model(undisturbed.root, shop.spec(data={**shop.SPEC["data"], "source": {kind: f"../../shop.{kind}"}}))
    (undisturbed.root / f"shop.{kind}").write_bytes(data() if callable(data) else data)
    refused(undisturbed.train(), 2, *told)


def cells(column, rows, value):
    """A change of a table: `value` in the first `rows` rows of a column."""
    def change(table):
        table[column] = table[column].astype(object)
        table.loc[:rows - 1, column] = value
        return table
    return change


TABLES = {
    "mixed types in a column": (cells("price", 5, "cheap"), ["price", "cheap"]),
    "infinities": (cells("price", 5, np.inf), ["price"]),
    "an all-null column": (cells("visits", 600, None), ["visits"]),
    "a column that is gone": (lambda table: table.drop(columns="visits"), ["visits"]),
    "a constant target": (cells("bought", 600, "yes"), ["bought"]),
    "a class with one row": (lambda table: pd.concat([table[table.bought == "no"], table[table.bought == "yes"][:1]]),
                             ["'yes'", "1 row"]),
    "30 % nulls": (cells("visits", 180, None), ["visits", "30"]),
    "values in other units": (lambda table: table.assign(price=table.price * 1000), ["price"]),
    "duplicate rows": (lambda table: pd.concat([table, table[:100]]), ["order", "100"]),
    "a category never seen": (cells("colour", 5, "mauve"), ["colour", "mauve"]),
    "an answer that is no class": (cells("bought", 100, "maybe"), ["bought", "maybe"]),
}


@pytest.mark.parametrize("case", TABLES)
def test_a_table_that_is_not_fit_to_train_on(undisturbed, case):
    change, told = TABLES[case]
    change(shop.orders()).to_csv(undisturbed.root / "shop.csv", index=False)
    answer = refused(undisturbed.train(), 1)
    assert (answer["outcome"], answer["verdict"], answer["version"]) == ("rejected", "reject", None)
    sentences = " ".join(answer["failed"])
    assert all(word in sentences for word in told), sentences


def test_nulls_that_no_check_minds_alone_but_cleaning_would_drop_too_many_rows(undisturbed):
    """4 % here and 4 % there: each is under the limit, and together they are over it."""
    table = shop.orders()
    table.loc[:23, "price"], table.loc[100:123, "visits"] = None, None
    table.to_csv(undisturbed.root / "shop.csv", index=False)
    answer = refused(undisturbed.train(), 1)
    assert answer["outcome"] == "rejected" and "48 of 600 rows" in " ".join(answer["failed"])


def dated(days, **data):
    """A spec and a table whose orders are of one day each, the last `days` days of 2026-02 backwards."""
    table = shop.orders().assign(day=pd.Timestamp("2026-02-28") - pd.to_timedelta(np.arange(600) % days, unit="D"))
    document = shop.spec(data={"source": {"csv": "../../shop.csv"}, "key": ["order"], "time_column": "day",
                               "as_of": "2026-03-01", "holdout": {"days": 10}, **data})
    return document, table


def test_times(undisturbed):
    document, table = dated(40)
    shop.write_model(undisturbed.root, document)
    table.to_csv(undisturbed.root / "shop.csv", index=False)
    refused(undisturbed.train("--as-of", "2025-01-01"), 2, "No row is visible as of 2025-01-01", "2026-01-20")
    refused(undisturbed.train("--as-of", "2027-01-01"), 2, "holdout", "2026-02-28")
    refused(undisturbed.train("--as-of", "2026-1"), 2, "'2026-1'", "YYYY-MM-DD")
    table.assign(day="some day").to_csv(undisturbed.root / "shop.csv", index=False)
    refused(undisturbed.train(), 2, "'day' is not a time", "'some day'")


def test_odd_column_names_train_like_any_other(undisturbed):
    names = {"price": "price in €", "visits": "visits.per month", "colour": "färg, (main)"}
    shop.orders().rename(columns=names).to_csv(undisturbed.root / "odd.csv", index=False)
    columns = [dict(column, name=names[column["name"]]) for column in shop.COLUMNS]
    shop.write_model(undisturbed.root, shop.spec(
        name="odd", columns=columns, data={**shop.SPEC["data"], "source": {"csv": "../../odd.csv"}},
        slices=[{"column": "färg, (main)"}]))
    answer = undisturbed.train(model="odd")
    assert (answer.code, answer["outcome"]) == (0, "promoted"), answer.complained


def test_a_registry_that_is_away_or_locked(undisturbed, monkeypatch):
    place = undisturbed
    shop.orders(seed=3).to_csv(place.root / "shop.csv", index=False)
    answer = refused(replace(place, tracking="http://127.0.0.1:9").train(), 2, "127.0.0.1:9 does not answer")
    assert "read 300 rows" not in answer.complained, "it is told before the table is read"
    monkeypatch.setattr(embedded, "SECONDS", 0.1)
    with closing(sqlite3.connect(place.home / "mlflow.db")) as other:
        other.execute("BEGIN EXCLUSIVE")
        refused(place.train(), 2, "mlflow.db", "locked by another process")
        other.rollback()


def test_a_prefect_server_that_is_away(undisturbed):
    shop.orders(seed=3).to_csv(undisturbed.root / "shop.csv", index=False)
    refused(replace(undisturbed, api="http://127.0.0.1:9/api").train(), 2, "http://127.0.0.1:9/api", "PREFECT_API_URL")


def test_something_else_where_a_prefect_server_should_be(undisturbed, tmp_path):
    shop.orders(seed=3).to_csv(undisturbed.root / "shop.csv", index=False)
    (tmp_path / "health").write_text("<h1>Welcome</h1>")
    with serving(tmp_path) as url:
        refused(replace(undisturbed, api=url).train(), 2, "names no Prefect server", url, "/api")
    refused(replace(undisturbed, api="no address").train(), 2, "does not answer", "no address")


def test_a_prefect_server_of_another_version(undisturbed, tmp_path):
    shop.orders(seed=3).to_csv(undisturbed.root / "shop.csv", index=False)
    (tmp_path / "admin").mkdir()
    (tmp_path / "health").write_text("true")
    (tmp_path / "admin" / "version").write_text('"2.20.4"')
    with serving(tmp_path) as url:
        answer = refused(replace(undisturbed, api=url).train(), 2, "incompatible versions", "2.20.4", "same version")
    assert answer["kind"] == "ServerTrouble"


@contextmanager
def serving(folder):
    """Yield the URL of a server of the files in `folder`."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=folder)) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_in_a_process_of_its_own_a_refusal_is_as_short(undisturbed):
    shop.write_model(undisturbed.root, features="def engineer_features(columns):\n    return {'one': float('nan')}\n")
    answer = refused(undisturbed.command("flows.train", "--model", "shop", "--json"), 2, "features.py", "'one'")
    assert answer["kind"] == "FeaturesError" and len(answer.said.splitlines()) == 1


def test_after_all_that_the_next_training_works(settled):
    place, _ = settled
    before = read.champion(place.workspace, "shop")
    answer = place.train("--force")
    assert answer.code == 0 and answer["outcome"] in ("held", "registered"), answer.complained
    assert read.champion(place.workspace, "shop").version == before.version
