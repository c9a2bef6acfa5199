"""A registered version is an ordinary MLflow model: `mlflow models serve` answers as the gates saw it answer."""

import http.client
import json
import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import shop
from ports import free_port, wait_for

from headgate.bundle import read_golden
from headgate.registry import read

COLUMNS = [dict(column, nullable=True) for column in shop.COLUMNS] + [{"name": "opened at", "kind": "datetime"}]
SPEC = shop.spec(columns=COLUMNS, target={"column": "bought", "classes": ["no", "later", "yes"]},
                 gates=[{"gate": "accuracy", "at_least": 0.7}, {"gate": "calibration", "at_most": 0.2}],
                 algorithms={"random_forest": {"n_estimators": 20}})


def orders_with_gaps(rows=900):
    """A third answer, a time, and a tenth of all cells empty."""
    table = shop.orders(rows)
    draw = np.random.default_rng(5)
    table["opened at"] = pd.Timestamp("2026-03-01") + pd.to_timedelta(draw.integers(0, 9000, rows), unit="min")
    table.loc[(table["bought"] == "no") & (table["visits"] > 0), "bought"] = "later"
    for name in ("price", "visits", "colour"):
        table.loc[draw.random(rows) < 0.1, name] = None
    return table


@pytest.fixture(scope="module")
def served(open_shop, tmp_path_factory):
    """(golden rows of version 1, function that posts a document to `mlflow models serve` of it)."""
    place = open_shop(tmp_path_factory.mktemp("served"))
    orders_with_gaps().to_csv(place.root / "shop.csv", index=False)
    shop.write_model(place.root, SPEC)
    answer = place.train()
    assert answer["version"] == "1", answer.complained
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/shop/1", "--env-manager", "local",
               "--host", "127.0.0.1", "--port", str(port)]
    quiet = {"MLFLOW_TRACKING_URI": place.workspace.tracking_uri, "MLFLOW_DISABLE_TELEMETRY": "true",
             "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}
    server = subprocess.Popen(command, cwd=place.root, env={**os.environ, **quiet}, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(port, server, "/ping")
        yield read_golden(read.find_version(place.workspace, "shop", 1).bundle), lambda body: post(port, body)
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def post(port, body):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/invocations", json.dumps(body), {"content-type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200, response.read()
    return json.load(response)["predictions"]


def rows_of(golden):
    return [dict(zip(golden["columns"], cells)) for cells in zip(*golden["columns"].values())]


def test_rows_are_answered_as_the_golden_rows_say_a_null_being_what_is_missing(served):
    golden, ask = served
    rows = rows_of(golden)
    assert len(rows) > 10 and any(None in row.values() for row in rows), "some cells of golden rows are missing"
    together = ask({"dataframe_records": rows})
    assert np.allclose(together["probabilities"], golden["probabilities"], atol=golden["tolerance"])
    assert together["label"] == np.argmax(golden["probabilities"], axis=1).tolist()
    for row, expected in zip(rows, golden["probabilities"]):
        [alone] = ask({"dataframe_records": [row]})["probabilities"]
        assert np.allclose(alone, expected, atol=golden["tolerance"]), row


def test_columns_are_answered_too(served):
    golden, ask = served
    whole = [place for place, row in enumerate(rows_of(golden)) if None not in row.values()]
    columns = {name: [[cells[place]] for place in whole] for name, cells in golden["columns"].items()}
    expected = [golden["probabilities"][place] for place in whole]
    assert np.allclose(ask({"inputs": columns})["probabilities"], expected, atol=golden["tolerance"])
