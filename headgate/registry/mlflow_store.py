"""The one door to MLflow: connections, runs, logged models, versions, tags and aliases, each one small step.

`headgate.registry.register` puts the steps in their order. Nothing here decides anything.
"""

import logging
import shutil
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from uuid import uuid4

from headgate.errors import StorageError
from headgate.registry import connection, embedded
from headgate.registry.served import example_rows, graph_interface
from headgate.registry.values import DIGEST, MODEL, RegisteredVersion, local_path

PARTS = 100


@contextmanager
def connect(workspace, *, write=True):
    """Yield an MlflowClient; whatever MLflow raises inside becomes RegistryError or StorageError.

    Fails within seconds when the registry is locked, read-only or unreachable.
    """
    connection.prepare_environment()
    connection.knock(workspace)
    path = embedded.database_file(workspace.tracking_uri)
    with _translated(workspace):
        from mlflow import MlflowClient
        _silence()
        if path is not None:
            connection.create_database(workspace, path, lambda uri: _build_tables(uri, workspace.artifacts))
        if path is not None and write:
            embedded.check_writable(path)
        yield MlflowClient(workspace.tracking_uri, workspace.tracking_uri)


def prepare(workspace):
    """Pay for the first use beforehand: import MLflow and create its tables (3 s once, else 1 s)."""
    with connect(workspace, write=False):
        import mlflow.onnx  # noqa: F401


def start_run(client, workspace, model, name, tags):
    """Start a run in the model's experiment and return (experiment id, run id)."""
    experiment = client.get_experiment_by_name(model)
    if experiment is None:
        experiment_id = client.create_experiment(model, connection.artifact_location(workspace, model))
    else:
        experiment_id = experiment.experiment_id
        if experiment.lifecycle_stage == "deleted":
            client.restore_experiment(experiment_id)
    run = client.create_run(experiment_id, tags={MODEL: model, **tags}, run_name=name or None)
    return experiment_id, run.info.run_id


def log_numbers(client, run_id, parameters, metrics, folds, *, model_id=None):
    """Write parameters, metrics and the accuracy of each fold to a run."""
    from mlflow.entities import Metric, Param
    from mlflow.utils.time import get_current_time_millis
    now = get_current_time_millis()
    wanted = [Metric(name, value, now, 0, model_id=model_id, run_id=run_id) for name, value in metrics.items()]
    wanted += [Metric("fold_accuracy", value, now, step, model_id=model_id, run_id=run_id)
               for step, value in enumerate(folds)]
    named = [Param(name, value) for name, value in parameters.items()]
    for start in range(0, max(len(wanted), len(named)), PARTS):
        client.log_batch(run_id, metrics=wanted[start:start + PARTS], params=named[start:start + PARTS])


def log_dataset(client, run_id, name, digest, source):
    """Link the snapshot to a run (MLflow keeps 36 characters of its digest; the tags have it whole)."""
    from mlflow.entities import Dataset, DatasetInput, InputTag
    dataset = Dataset(name=name, digest=digest[:36], source_type="local", source=f'{{"uri": "{source}"}}')
    client.log_inputs(run_id, datasets=[DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])


def log_reports(client, run_id, folder):
    """Copy report pages, verdict, evaluation and plots of a bundle to a run's artifacts."""
    for name in ("report.html", "report.md", "gates.json", "evaluation.json", "lineage.json"):
        if (Path(folder) / name).is_file():
            client.log_artifact(run_id, str(Path(folder) / name))
    if (Path(folder) / "plots").is_dir():
        client.log_artifacts(run_id, str(Path(folder) / "plots"), "plots")


def log_model(client, workspace, folder, model, experiment_id, run_id):
    """Store the bundle as an MLflow ONNX model of the run, the bundle inside; return (model id, location)."""
    from mlflow.entities import LoggedModelOutput, LoggedModelStatus
    logged = client.create_logged_model(experiment_id, model, run_id, tags={MODEL: model})
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
    staging = workspace.staging / f"{model}-mlflow-{uuid4().hex}"
    try:
        _write_model(staging, Path(folder), logged, run_id)
        client.log_model_artifacts(logged.model_id, str(staging))
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    client.finalize_logged_model(logged.model_id, LoggedModelStatus.READY)
    return logged.model_id, logged.artifact_location


def create_version(client, workspace, model, run_id, model_id, location, tags):
    """Create the model version and return it as registration returned it."""
    _name_model(client, model)
    source = f"models:/{model_id}" if connection.remote(workspace) else location
    made = client.create_model_version(model, source, run_id, tags=tags, model_id=model_id)
    return RegisteredVersion(model, str(made.version), tags[DIGEST], run_id, made.creation_timestamp, location,
                             tags=dict(tags))


def skip_version(client, model):
    """Give the next version number to nothing: it belongs to a version that was left behind elsewhere."""
    _name_model(client, model)
    made = client.create_model_version(model, "file:///left-behind")
    client.delete_model_version(model, made.version)


def tag_version(client, version, name, value):
    """Set one tag and return the version that has it."""
    client.set_model_version_tag(version.model, version.version, name, value)
    return replace(version, tags={**version.tags, name: value})


def end_run(client, run_id, status="FINISHED", **tags):
    """Set tags and the final status of a run."""
    for name, value in tags.items():
        client.set_tag(run_id, f"headgate.{name}", value)
    client.set_terminated(run_id, status)


def set_alias(client, model, alias, version):
    """Point `alias` to `version` in one step; with None take it away."""
    if version is None:
        client.delete_registered_model_alias(model, alias)
    else:
        client.set_registered_model_alias(model, alias, version)


def read_versions(workspace, model):
    """Return every version of `model`, complete or not, oldest first, each with its aliases."""
    from mlflow.exceptions import MlflowException
    with connect(workspace, write=False) as client:
        try:
            named = client.get_registered_model(model).aliases
        except MlflowException as error:
            if error.error_code != "RESOURCE_DOES_NOT_EXIST":
                raise
            return ()
        found = _all_pages(client.search_model_versions, f"name='{model}'")
    return tuple(_version(one, named) for one in sorted(found, key=lambda one: int(one.version)))


def list_names(workspace):
    """Return the names of all registered models, sorted."""
    with connect(workspace, write=False) as client:
        return tuple(sorted(one.name for one in _all_pages(client.search_registered_models, None)))


def running_runs(client, model):
    """Return the ids of the model's runs that are still RUNNING, and of their logged models."""
    experiment = client.get_experiment_by_name(model)
    if experiment is None:
        return ()
    found = client.search_runs([experiment.experiment_id], f"attributes.status = 'RUNNING' and tags.`{MODEL}` = "
                               f"'{model}'", max_results=1000)
    return tuple((run.info.run_id, tuple(one.model_id for one in run.outputs.model_outputs) if run.outputs else ())
                 for run in found)


def discard_version(client, version):
    """Delete a half-made version and what was stored for it."""
    client.delete_model_version(version.model, version.version)
    folder = local_path(version.location)
    if folder is not None and folder.is_dir():
        shutil.rmtree(folder)


def discard_run(client, run_id, model_ids):
    """End an orphaned run as KILLED and delete its logged models."""
    for model_id in model_ids:
        folder = local_path(client.get_logged_model(model_id).artifact_location)
        client.delete_logged_model(model_id)
        if folder is not None and folder.is_dir():
            shutil.rmtree(folder)
    end_run(client, run_id, "KILLED", outcome="interrupted")


def download_bundle(workspace, version, folder):
    """Copy the version's bundle into the existing `folder`; return the folder that it made there."""
    with connect(workspace, write=False) as client:
        from mlflow.artifacts import download_artifacts
        source = client.get_model_version_download_uri(version.model, version.version).rstrip("/") + "/bundle"
        return Path(download_artifacts(source, dst_path=str(folder), tracking_uri=workspace.tracking_uri))


def _name_model(client, model):
    """See to it that the registry has a model of that name."""
    from mlflow.exceptions import MlflowException
    try:
        client.create_registered_model(model)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def _write_model(staging, folder, logged, run_id):
    """Write an ordinary MLflow ONNX model; `mlflow models serve` takes rows or columns of it."""
    import mlflow.onnx
    from mlflow.models import Model
    from pandas import DataFrame
    pins = [f"{name}=={installed(name)}" for name in ("onnx", "onnxruntime")]
    document = Model(artifact_path=logged.artifact_location, run_id=run_id, model_id=logged.model_id,
                     model_uuid=logged.model_id)
    staging.parent.mkdir(parents=True, exist_ok=True)
    graph = (folder / "model.onnx").read_bytes()
    mlflow.onnx.save_model(graph, str(staging), mlflow_model=document, signature=_signature(graph),
                           input_example=DataFrame(example_rows(folder)), pip_requirements=pins,
                           save_as_external_data=False, onnx_execution_providers=["CPUExecutionProvider"])
    shutil.copytree(folder, staging / "bundle")


def _signature(graph):
    import numpy
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec
    return ModelSignature(*(Schema([TensorSpec(numpy.dtype(kind), shape, name) for name, kind, shape in side])
                            for side in graph_interface(graph)))


def _build_tables(uri, artifacts):
    from mlflow.store.tracking.sqlalchemy_store import SqlAlchemyStore
    SqlAlchemyStore(uri, artifacts.absolute().as_uri()).engine.dispose()


def _silence():
    for name, level in (("mlflow", logging.ERROR), ("mlflow.store", logging.CRITICAL), ("alembic", logging.WARNING)):
        logging.getLogger(name).setLevel(level)


@contextmanager
def _translated(workspace):
    from mlflow.exceptions import MlflowException
    from requests import RequestException
    from sqlalchemy.exc import SQLAlchemyError
    try:
        yield
    except OSError as error:
        if isinstance(error, RequestException):
            raise connection.refused(workspace, error) from error
        raise StorageError(f"Writing to the registry failed: {error}.", value=error.filename,
                           remedy="Free some disk space or make the place writable, and run it again.") from error
    except (MlflowException, SQLAlchemyError) as error:
        raise connection.refused(workspace, error) from error


def _all_pages(search, criterion):
    found, token = [], None
    while True:
        page = search(criterion, max_results=1000, page_token=token)
        found, token = found + list(page), page.token
        if not token:
            return found


def _version(one, named):
    aliases = tuple(sorted(alias for alias, number in named.items() if str(number) == str(one.version)))
    return RegisteredVersion(one.name, str(one.version), one.tags.get(DIGEST, ""), one.run_id or "",
                             one.creation_timestamp, _location(one), aliases, dict(one.tags))


def _location(one):
    return "" if one.source.startswith("models:") else one.source
