"""Every model of this checkout, by every algorithm: the service answers golden rows as the fitted pipeline does."""

import json
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import trained
from running import in_thread, workspace_at

from headgate.bundle import read_golden
from headgate.bundle.golden import golden_rows
from headgate.data import read_table
from headgate.learning.features import load_features
from headgate.spec import list_models, load_spec
from headgate.spec.model import ALGORITHMS

ROOT = Path(__file__).resolve().parents[2]
MODELS = list_models(ROOT)
ROWS = 2000


@pytest.fixture(scope="module", params=MODELS or [None])
def served(request, tmp_path_factory):
    """(spec, folder with one bundle per algorithm, the pipelines' own answers by algorithm)"""
    if request.param is None:
        pytest.skip("this checkout has no model folder")
    folder = ROOT / "models" / request.param
    spec = load_spec(folder)
    as_of = spec.data.as_of if isinstance(spec.data.as_of, date) else None
    table = read_table(spec, folder, as_of=as_of).frame
    table = table.sample(min(ROWS, len(table)), random_state=0)
    home, expected = tmp_path_factory.mktemp(request.param), {}
    for algorithm in ALGORITHMS:
        pipeline, golden = trained.train(spec, load_features(folder), table, algorithm)
        trained.write(home / algorithm, pipeline, golden)
        expected[algorithm] = pipeline.probabilities(golden)
    return spec, home, expected


def say_champion(home, spec, algorithm):
    (home / "roles.json").write_text(json.dumps({"models": {spec.name: {"champion": {
        "bundle": algorithm, "version": algorithm[:20]}}}}))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_service_answers_golden_rows_as_the_pipeline_does(served, algorithm, tmp_path):
    spec, home, expected = served
    say_champion(home, spec, algorithm)
    rows = golden_rows(home / algorithm, spec)
    with in_thread(workspace_at(tmp_path), bundles=home, slowest_ms=10_000) as service:
        alone = [service.post("/predict", row) for row in rows]
        batch = service.post("/predict/batch", {"instances": rows})
        columns = service.post("/predict/batch", {"columns": {name: [row[name] for row in rows] for name in rows[0]}})

    assert {answer.status_code for answer in (*alone, batch, columns)} == {200} and len(rows) > 20
    by_name = columns.json()["predictions"]["probabilities"]
    for answers in ([one.json() for one in alone], batch.json()["predictions"]):
        assert {one.get("model_version", algorithm[:20]) for one in answers} == {algorithm[:20]}
        shares = np.array([[one["probabilities"][name] for name in spec.target.classes] for one in answers])
        assert np.allclose(shares, expected[algorithm], rtol=0, atol=trained.TOLERANCE)
    assert np.allclose(np.array([by_name[name] for name in spec.target.classes]).T, expected[algorithm], rtol=0,
                       atol=trained.TOLERANCE)
    assert len(read_golden(home / algorithm)["probabilities"]) == len(rows)
