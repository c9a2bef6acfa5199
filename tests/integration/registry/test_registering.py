"""A bundle becomes a version that MLflow shows, loads and serves, or leaves a run behind when it was rejected."""

import json

import pytest
from bundles import COLUMNS

from headgate import ledger
from headgate.bundle import verify
from headgate.errors import BundleBroken, RegistryError
from headgate.registry import mlflow_store, read
from headgate.registry.register import log_rejected, register
from headgate.registry.values import RunDetails


def test_a_registered_version_carries_its_bundle_and_is_found_by_number_and_digest(workspace, bundle):
    folder = bundle()
    version = register(workspace, folder)
    assert (version.model, version.version, version.digest) == ("kettle", "1", verify(folder))
    assert verify(version.bundle) == version.digest
    assert read.find_version(workspace, "kettle", 1) == version
    assert read.find_digest(workspace, "kettle", version.digest) == version
    assert read.champion(workspace, "kettle") is None
    assert [entry.event for entry in ledger.entries(workspace, "kettle", version="1")] == ["registered"]


def test_the_run_has_parameters_metrics_dataset_plots_and_report(workspace, bundle):
    details = RunDetails(name="kettle of today", dataset="/snapshots/d", tags={"flow": "train"}, metrics={"seconds": 2})
    version = register(workspace, bundle(), run_details=details)
    with mlflow_store.connect(workspace) as client:
        run = client.get_run(version.run_id)
        artifacts = {one.path for one in client.list_artifacts(version.run_id)}
        folds = client.get_metric_history(version.run_id, "fold_accuracy")
    assert run.info.status == "FINISHED" and run.info.run_name == "kettle of today"
    assert run.data.params["logistic_regression.C"] == "1.0" and run.data.params["as_of"] == "2026-01-01"
    assert run.data.metrics["accuracy"] == 0.9 and run.data.metrics["seconds"] == 2
    assert run.data.metrics["importance.water level"] == 0.2 and run.data.metrics["slice.maker.a.accuracy"] == 0.93
    assert "roc_auc" not in run.data.metrics, "what is not defined is not logged"
    assert [one.value for one in folds] == [0.91, 0.9, 0.92]
    assert run.data.tags["headgate.data_digest"] == "d" * 64 and run.data.tags["flow"] == "train"
    assert run.inputs.dataset_inputs[0].dataset.digest == "d" * 36
    assert {"report.html", "plots", "gates.json"} <= artifacts


def test_it_is_an_ordinary_mlflow_onnx_model_for_rows_and_for_columns(workspace, bundle, monkeypatch):
    import mlflow
    import numpy
    from pandas import DataFrame
    version = register(workspace, bundle())
    monkeypatch.setenv("MLFLOW_TRACKING_URI", workspace.tracking_uri)
    model = mlflow.pyfunc.load_model(str(version.bundle.parent))
    assert model.metadata.flavors["python_function"]["loader_module"] == "mlflow.onnx"
    golden = json.loads((version.bundle / "golden.json").read_text())["probabilities"]
    rows = DataFrame({"water level": [0.0, 1.5], "maker": ["a", "b"]})
    numpy.testing.assert_allclose(model.predict(rows)["probabilities"], golden[:2], atol=1e-6)
    columns = {"water level": numpy.array([[0.0]]), "maker": numpy.array([["a"]])}
    numpy.testing.assert_allclose(model.predict(columns)["probabilities"], golden[:1], atol=1e-6)
    assert list(model.input_example["maker"]) == COLUMNS["maker"][:3]
    assert mlflow.onnx.load_model(str(version.bundle.parent)).graph.input[0].name == "water level"


def test_reading_the_tables_and_asking_mlflow_give_the_same_answer(workspace, bundle):
    for bias in (0.0, 0.5):
        register(workspace, bundle(bias=bias))
    with mlflow_store.connect(workspace) as client:
        mlflow_store.set_alias(client, "kettle", "champion", "1")
        mlflow_store.set_alias(client, "kettle", "older", "1")
    assert mlflow_store.read_versions(workspace, "kettle") == read.list_versions(workspace, "kettle")
    assert read.champion(workspace, "kettle").aliases == ("champion", "older")
    assert mlflow_store.list_names(workspace) == read.list_names(workspace) == ("kettle",)
    assert mlflow_store.read_versions(workspace, "teapot") == read.list_versions(workspace, "teapot") == ()


def test_the_same_bundle_is_registered_once(workspace, bundle):
    folder = bundle()
    first, second = register(workspace, folder), register(workspace, folder)
    assert not first.existed and second.existed and second.version == "1"
    assert len(read.list_versions(workspace, "kettle")) == 1


def test_a_rejected_candidate_leaves_a_run_and_its_report_but_no_version(workspace, bundle):
    folder = bundle(decision="reject")
    run_id = log_rejected(workspace, folder, model="kettle", digest=verify(folder))
    with mlflow_store.connect(workspace) as client:
        run = client.get_run(run_id)
        artifacts = {one.path for one in client.list_artifacts(run_id)}
    assert run.info.status == "FINISHED" and run.data.tags["headgate.outcome"] == "rejected"
    assert run.data.metrics["accuracy"] == 0.9 and "report.html" in artifacts
    assert read.list_versions(workspace, "kettle", half_made=True) == ()
    assert [entry.event for entry in ledger.entries(workspace, "kettle")] == ["rejected"]
    with pytest.raises(RegistryError, match="rejected by its gates"):
        register(workspace, folder)


def test_a_bundle_changed_after_sealing_is_not_registered(workspace, bundle):
    folder = bundle()
    (folder / "model.onnx").write_bytes(b"something else")
    with pytest.raises(BundleBroken, match="model.onnx"):
        register(workspace, folder)
    assert read.list_names(workspace) == ()


def test_a_bundle_that_is_elsewhere_is_downloaded_once_and_verified(workspace, bundle):
    from dataclasses import replace
    version = replace(register(workspace, bundle()), location="")
    folder = read.bundle_folder(workspace, version)
    assert folder == workspace.home / "cache" / version.digest and verify(folder) == version.digest
    assert read.bundle_folder(workspace, version) == folder
    assert list(workspace.staging.iterdir()) == []
