"""The REST service, asked over HTTP: does the ferry leave late?"""

import json
import shutil
from datetime import datetime, timedelta, timezone

import ferries
import numpy as np
import pytest
from running import in_thread, workspace_at

from headgate import __version__
from headgate.data import coerce, to_columns
from headgate.learning.features import Features, engineer


@pytest.fixture(scope="module")
def service(ferries_bundle, tmp_path_factory):
    home = tmp_path_factory.mktemp("api")
    shutil.copytree(ferries_bundle, home / "bundles" / "ferries")
    (home / "bundles" / "roles.json").write_text(json.dumps(
        {"models": {"ferries": {"champion": {"bundle": "ferries", "version": "7"}}}}))
    with in_thread(workspace_at(home / "state"), bundles=home / "bundles") as running:
        yield running


def test_root_endpoint(service):
    answer = service.get("/")

    assert answer.status_code == 200
    assert answer.json()["message"] == "Headgate serves ferries." and answer.json()["version"] == __version__
    for path in answer.json()["links"].values():
        assert service.get(path).status_code == 200, path


def test_root_endpoint_is_a_page_for_a_browser(service):
    answer = service.get("/", headers={"accept": "text/html"})

    assert answer.headers["content-type"].startswith("text/html")
    assert "Will the ferry leave late?" in answer.text and "src=" not in answer.text


def test_health_endpoint(service):
    answer = service.get("/health")

    assert answer.status_code == 200
    found = answer.json()
    assert (found["status"], found["model_loaded"]) == ("ok", True)
    assert abs(datetime.now(timezone.utc) - datetime.fromisoformat(found["timestamp"])) < timedelta(minutes=1)
    assert found["models"]["ferries"]["version"] == "7" and found["models"]["ferries"]["role"] == "champion"
    assert service.get("/ready").json()["ready"] is True


def test_model_info_endpoint(service):
    found = service.get("/model/info").json()

    assert (found["name"], found["version"], found["algorithm"]) == ("ferries", "7", "random_forest")
    assert found["classes"] == ["on time", "late"] and found["labels"]["late"] == "Leaves 5 minutes late"
    assert found["metrics"]["accuracy"] == 0.93 and found["decision"] == "promote"
    assert found["signature"]["inputs"]["properties"]["wind"]["maximum"] == 40
    assert found == service.get("/models/ferries").json()


def test_predict_endpoint_valid_input(service):
    answer = service.post("/predict", ferries.row())

    assert answer.status_code == 200
    found = answer.json()
    assert found["prediction"] in ("on time", "late") and set(found["probabilities"]) == {"on time", "late"}
    assert found["probability"] == found["probabilities"][found["prediction"]]
    assert sum(found["probabilities"].values()) == pytest.approx(1, abs=1e-6)
    assert found["model_version"] == "7" and found["prediction_id"].startswith("ferries.")


def test_predict_endpoint_tells_a_storm_from_a_calm(service):
    storm = service.post("/predict", ferries.row(wind=38, gale=True, line="Molde", crew=1)).json()
    calm = service.post("/predict", ferries.row(wind=2, gale=False, crew=11)).json()

    assert (storm["prediction"], storm["label"]) == ("late", "Leaves 5 minutes late")
    assert (calm["prediction"], calm["label"]) == ("on time", "on time")


@pytest.mark.parametrize("changes, field, limit", [
    ({"wind": "strong"}, "wind", "a number from 0 to 40 (m/s)"),
    ({"wind": None}, "wind", "a number from 0 to 40 (m/s)"),
    ({"crew": 4.5}, "crew", "a whole number from 0 to 12, or null"), ({"gale": 1}, "gale", "true or false, or null"),
    ({"line": "Oslo"}, "line", 'one of "Bergen", "Molde", "Ålesund"'),
    ({"cargo": "  "}, "cargo", "a text that is not blank, or null"), ({"winds": 3}, "winds", "a column of this model")])
def test_predict_endpoint_invalid_input(service, changes, field, limit):
    answer = service.post("/predict", ferries.row(**changes))

    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert (error["field"], error["limit"]) == (field, limit)
    assert error["value"] == json.dumps(changes[field], ensure_ascii=False)


def test_predict_endpoint_names_everything_that_is_missing(service):
    answer = service.post("/predict", {"wind": 3})

    assert answer.status_code == 422
    assert {error["field"] for error in answer.json()["errors"]} == {"line", "captain_age"}


@pytest.mark.parametrize("wind, status", [(-0.001, 422), (0, 200), (40, 200), (40.001, 422), (1e300, 422)])
def test_predict_endpoint_out_of_range(service, wind, status):
    answer = service.post("/predict", ferries.row(wind=wind))

    assert answer.status_code == status
    if status == 422:
        [error] = answer.json()["errors"]
        assert error["field"] == "wind" and error["limit"] == "a number from 0 to 40 (m/s)"


def test_predict_endpoint_takes_rows_and_columns_together(service):
    rows = [ferries.row(wind=wind) for wind in (1, 20, 39)]
    alone = [service.post("/predict", one).json()["probabilities"]["late"] for one in rows]

    by_row = service.post("/predict/batch", {"instances": rows}).json()
    columns = {name: [one[name] for one in rows] for name in rows[0]}
    by_column = service.post("/predict/batch", {"columns": columns}).json()

    assert by_row["count"] == by_column["count"] == 3
    assert [one["probabilities"]["late"] for one in by_row["predictions"]] == pytest.approx(alone, abs=1e-6)
    assert by_column["predictions"]["probabilities"]["late"] == pytest.approx(alone, abs=1e-6)
    assert by_row["predictions"][2]["prediction_id"].endswith(".2")


def engineered(table):
    """The features of the ferries as training computes them; the graph that answers was traced from the same text."""
    columns = to_columns(coerce(table, ferries.spec()).frame, ferries.spec())
    return engineer(ferries.spec(), Features(ferries.FEATURES), columns)


def test_engineer_features_output_shape():
    made = engineered(ferries.table(50))

    assert list(made) == ["wind_squared", "wind_bin", "hour_sin", "gale_by_wind"]
    assert {values.shape for values in made.values()} == {(50,)}
    assert {values.dtype for values in made.values()} == {np.dtype("float64")}


def test_engineer_features_bin_creation():
    table = ferries.table(6).assign(wind=[0.0, 7.999, 8.0, 16.999, 17.0, 40.0])

    assert engineered(table)["wind_bin"].tolist() == [0, 0, 1, 1, 2, 2]
