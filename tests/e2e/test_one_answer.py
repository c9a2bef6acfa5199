"""One version, asked in every way there is: the same row gets the same answer.

Among its golden rows are a null, a category that was never seen, both edges of a bin and every slice.
"""

import os
import subprocess
import sys

import httpx
import numpy as np
import pandas as pd
import pytest
from ports import free_port, wait_for
from running import in_thread

from headgate.bundle import read_golden
from headgate.bundle.golden import golden_rows
from headgate.bundle.read import read_spec
from headgate.registry import aliases
from headgate.registry.register import register

WAYS = ("service", "service in batches", "mlflow models serve", "flows.predict")


@pytest.fixture(scope="module")
def place(open_shop, tmp_path_factory, ferries_bundle):
    """A registry whose champion is the ferries' version; the answers of its fitted pipeline are in its golden rows."""
    place = open_shop(tmp_path_factory.mktemp("one"))
    assert aliases.accept(place.workspace, register(place.workspace, ferries_bundle)) == "promoted"
    return place


@pytest.fixture(scope="module")
def asked(place, ferries_bundle):
    """Way -> answers (n, 2) to the golden rows."""
    spec = read_spec(ferries_bundle)
    rows = golden_rows(ferries_bundle, spec)
    return {**of_service(place, spec, rows), "mlflow models serve": of_mlflow(place, ferries_bundle),
            "flows.predict": of_flow(place, spec, rows)}


def of_service(place, spec, rows):
    with in_thread(place.workspace) as service:
        alone = [service.post("/predict", row).json() for row in rows]
        batch = service.post("/predict/batch", {"instances": rows}).json()["predictions"]
    return {way: np.array([[one["probabilities"][name] for name in spec.target.classes] for one in answers])
            for way, answers in (("service", alone), ("service in batches", batch))}


def of_mlflow(place, bundle):
    """Ask `mlflow models serve`, which takes the raw columns as MLflow's own format has them."""
    port = free_port()
    command = [sys.executable, "-m", "mlflow", "models", "serve", "-m", "models:/ferries/1", "--env-manager", "local",
               "--host", "127.0.0.1", "--port", str(port)]
    environment = {**os.environ, "MLFLOW_TRACKING_URI": place.workspace.tracking_uri,
                   "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])}
    server = subprocess.Popen(command, cwd=place.root, env=environment, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        wait_for(port, server, "/ping")
        columns = read_golden(bundle)["columns"]
        rows = [dict(zip(columns, cells)) for cells in zip(*columns.values())]
        answer = httpx.post(f"http://127.0.0.1:{port}/invocations", json={"dataframe_records": rows}, timeout=60)
        return np.array(answer.json()["predictions"]["probabilities"])
    finally:
        os.killpg(server.pid, 15)
        server.wait()


def of_flow(place, spec, rows):
    frame = pd.DataFrame(rows).assign(ferry="Fjord", trip=range(len(rows)), asked_at="2026-01-01T00:00:00")
    frame.to_csv(place.root / "golden.csv", index=False)
    done = place.predict("--data", place.root / "golden.csv", "--output", place.root / "out.parquet", model="ferries")
    assert done.code == 0, done.complained
    found = pd.read_parquet(place.root / "out.parquet")
    assert found["trip"].astype(int).tolist() == list(range(len(rows)))
    return found[[f"probability_{name}" for name in spec.target.classes]].to_numpy()


def test_the_rows_are_those_that_go_wrong_elsewhere(ferries_bundle):
    columns = read_golden(ferries_bundle)["columns"]
    assert {8.0, 17.0} <= set(columns["wind"]) and {"Bergen", "Molde", "Ålesund"} == set(columns["line"])
    assert "never seen before" in columns["cargo"] and None in columns["cargo"]
    assert all(None in columns[name] for name in ("crew", "gale", "leaves"))


@pytest.mark.parametrize("way", WAYS)
def test_every_way_answers_as_the_fitted_pipeline(asked, ferries_bundle, way):
    golden = read_golden(ferries_bundle)
    expected = np.array(golden["probabilities"])
    assert asked[way].shape == expected.shape
    assert np.allclose(asked[way], expected, rtol=0, atol=golden["tolerance"])
