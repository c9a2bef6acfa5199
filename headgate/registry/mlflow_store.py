"""The one door to MLflow: connections, runs, logged models, versions, tags and aliases, each one small step.

`headgate.registry.register` puts the steps in their order. Nothing here decides anything.
"""

import logging
import os
import shutil
import socket
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version as installed
from pathlib import Path
from urllib.parse import urlparse
from uuid import uuid4

from filelock import FileLock

from headgate.bundle import read_golden, verify
from headgate.errors import RegistryError, StorageError
from headgate.registry import embedded
from headgate.registry.values import DIGEST, MODEL, RegisteredVersion, local_path

SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
PARTS = 100


@contextmanager
def connect(workspace, *, write=True):
    """Yield an MlflowClient; whatever MLflow raises inside becomes RegistryError or StorageError.

    Fails within seconds when the registry is locked, read-only or unreachable.
    """
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    path = embedded.database_file(workspace.tracking_uri)
    if path is None:
        _knock(workspace.tracking_uri)
    with _translated(workspace):
        from mlflow import MlflowClient
        _silence()
        if path is not None:
            _create_database(workspace, path, MlflowClient)
            if write:
                embedded.check_writable(path)
        yield MlflowClient(workspace.tracking_uri, workspace.tracking_uri)


def start_run(client, workspace, model, name, tags):
    """Start a run in the model's experiment and return (experiment id, run id)."""
    experiment = client.get_experiment_by_name(model)
    if experiment is None:
        experiment_id = client.create_experiment(model, _artifact_location(workspace, model))
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
    from mlflow.exceptions import MlflowException
    try:
        client.create_registered_model(model)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    remote = urlparse(workspace.tracking_uri).scheme in ("http", "https")
    made = client.create_model_version(model, f"models:/{model_id}" if remote else location, run_id, tags=tags,
                                       model_id=model_id)
    return RegisteredVersion(model, str(made.version), tags[DIGEST], run_id, made.creation_timestamp, location,
                             tags=dict(tags))


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


def download_bundle(workspace, version):
    """Copy the version's bundle to `home`/cache, verify it, and return its folder."""
    target = workspace.home / "cache" / version.digest
    if target.is_dir():
        return target
    staging = workspace.staging / f"{version.model}-download-{uuid4().hex}"
    with connect(workspace, write=False) as client:
        from mlflow.artifacts import download_artifacts
        staging.mkdir(parents=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        source = client.get_model_version_download_uri(version.model, version.version).rstrip("/") + "/bundle"
        fetched = Path(download_artifacts(source, dst_path=str(staging), tracking_uri=workspace.tracking_uri))
        verify(fetched, digest=version.digest)
        if not target.is_dir():
            os.replace(fetched, target)
    shutil.rmtree(staging, ignore_errors=True)
    return target


def _write_model(staging, folder, logged, run_id):
    """Write an ordinary MLflow ONNX model; `mlflow models serve` takes rows or columns of it."""
    import mlflow.onnx
    from mlflow.models import Model
    pins = [f"{name}=={installed(name)}" for name in ("onnx", "onnxruntime")]
    document = Model(artifact_path=logged.artifact_location, run_id=run_id, model_id=logged.model_id,
                     model_uuid=logged.model_id)
    staging.parent.mkdir(parents=True, exist_ok=True)
    graph = (folder / "model.onnx").read_bytes()
    mlflow.onnx.save_model(graph, str(staging), mlflow_model=document, signature=_signature(graph),
                           input_example=_example(folder), pip_requirements=pins, save_as_external_data=False,
                           onnx_execution_providers=["CPUExecutionProvider"])
    shutil.copytree(folder, staging / "bundle")


def _signature(graph):
    """State inputs and outputs as the graph has them: (n, 1) numbers and texts in, (n, k) probabilities out."""
    import numpy
    import onnxruntime
    from mlflow.models import ModelSignature
    from mlflow.types import Schema, TensorSpec
    kinds = {"tensor(string)": "str", "tensor(double)": "float64", "tensor(float)": "float32",
             "tensor(int64)": "int64", "tensor(bool)": "bool"}
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])

    def specs(nodes):
        return Schema([TensorSpec(numpy.dtype(kinds[one.type]),
                                  [-1 if place == 0 or not isinstance(size, int) else size
                                   for place, size in enumerate(one.shape)], one.name) for one in nodes])
    return ModelSignature(specs(session.get_inputs()), specs(session.get_outputs()))


def _example(folder):
    """Return the first golden rows as the DataFrame that a caller would send."""
    from pandas import DataFrame
    columns = read_golden(folder)["columns"]
    text = {name for name, values in columns.items() if any(isinstance(value, str) for value in values)}
    return DataFrame({name: ["" if value is None else value for value in values[:3]] if name in text
                      else [float("nan") if value is None else float(value) for value in values[:3]]
                      for name, values in columns.items()})


def _create_database(workspace, path, client_class):
    """Build MLflow's tables beside the file and move them in whole: two first starts, or a kill, cannot hurt."""
    if path.is_file():
        return
    workspace.locks.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(workspace.locks / "mlflow-schema.lock", timeout=120):
        if path.is_file():
            return
        draft = path.with_name(f"{path.name}.{uuid4().hex}.new")
        try:
            client_class(f"sqlite:///{draft}", f"sqlite:///{draft}")
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def _artifact_location(workspace, model):
    if urlparse(workspace.tracking_uri).scheme in ("http", "https"):
        return None
    return (workspace.artifacts / model).absolute().as_uri()


def _knock(uri):
    """Fail in three seconds, not after minutes of retries, when no server listens."""
    parsed = urlparse(uri)
    if parsed.scheme not in ("http", "https"):
        return
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    try:
        socket.create_connection((parsed.hostname, port), timeout=3).close()
    except OSError as error:
        raise RegistryError(f"The registry {parsed.hostname}:{port} does not answer.", value=str(error),
                            remedy="Start it, or correct MLFLOW_TRACKING_URI.") from None


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
            raise _refused(workspace, error) from error
        raise StorageError(f"Writing to the registry failed: {error}.", value=error.filename,
                           remedy="Free some disk space or make the place writable, and run it again.") from error
    except (MlflowException, SQLAlchemyError) as error:
        raise _refused(workspace, error) from error


def _refused(workspace, error):
    text = " ".join(str(error).split())
    path = embedded.database_file(workspace.tracking_uri)
    if path is not None and ("locked" in text or "disk" in text or "readonly" in text):
        return embedded.away(path, text)
    host = urlparse(workspace.tracking_uri).hostname or path
    return RegistryError(f"The registry {host} refused.", value=text[:300], remedy="Check MLFLOW_TRACKING_URI.")


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
