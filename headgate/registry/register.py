"""Register a candidate, or keep the record of one that was rejected.

A version counts only from the moment its last tag, `headgate.complete`, is written. Until then nothing lists it and
no alias may point to it, so a process killed anywhere in here leaves leftovers but nothing half-made in use.
"""

from dataclasses import replace

from headgate import ledger
from headgate.bundle import decision_of, read_manifest, verify
from headgate.errors import RegistryError
from headgate.lock import REGISTRY, model_lock
from headgate.registry import mlflow_store, read, record
from headgate.registry.values import COMPLETE, OUTCOME, RunDetails

PATIENCE = 60


def register(workspace, bundle_folder, *, run_details=None, actor=None, event="registered"):
    """Register the sealed bundle in `bundle_folder` and return its RegisteredVersion.

    A bundle that is registered already is returned as it is, with `existed` set.
    Raises BundleBroken, RegistryError when the registry is away or the gates rejected it, StorageError, Busy.
    """
    digest, details = verify(bundle_folder), run_details or RunDetails()
    model = read_manifest(bundle_folder)[0]["model"]
    if decision_of(bundle_folder) == "reject":
        raise RegistryError(f"This candidate of {model!r} was rejected by its gates.", value=digest[:12],
                            remedy="Only what was promoted or held is registered.")
    with model_lock(workspace, model, purpose=REGISTRY, timeout=PATIENCE):
        known = read.find_digest(workspace, model, digest)
        if known is not None:
            return replace(known, existed=True)
        with mlflow_store.connect(workspace) as client:
            version = _write(client, workspace, bundle_folder, model, digest, details)
            ledger.append(workspace, model, event, version=version.version, digest=digest, actor=actor,
                          body={**record.ledger_body(bundle_folder), **details.origin, "run_id": version.run_id})
            return mlflow_store.tag_version(client, version, COMPLETE, "true")


def bring(client, workspace, bundle_folder, model, digest):
    """Register a bundle that another registry had, without a ledger entry: the ledger comes with it."""
    version = _write(client, workspace, bundle_folder, model, digest, RunDetails(name=f"{model} from elsewhere"))
    return mlflow_store.tag_version(client, version, COMPLETE, "true")


def log_rejected(workspace, bundle_folder, *, model, run_details=None, actor=None, digest=""):
    """Keep the run and report of a rejected candidate, register nothing; return the MLflow run id.

    bundle_folder : what there is of a bundle, sealed or not.
    """
    details = run_details or RunDetails()
    with mlflow_store.connect(workspace) as client:
        _, run_id = _start(client, workspace, bundle_folder, model, details)
        mlflow_store.log_numbers(client, run_id, record.parameters_of(bundle_folder, details),
                                 record.metrics_of(bundle_folder, details), record.folds_of(bundle_folder))
        mlflow_store.end_run(client, run_id, outcome="rejected")
    ledger.append(workspace, model, "rejected", digest=digest, actor=actor,
                  body={**record.ledger_body(bundle_folder), **details.origin, "run_id": run_id})
    return run_id


def _write(client, workspace, folder, model, digest, details):
    experiment_id, run_id = _start(client, workspace, folder, model, details)
    model_id, location = mlflow_store.log_model(client, workspace, folder, model, experiment_id, run_id)
    mlflow_store.log_numbers(client, run_id, record.parameters_of(folder, details),
                             record.metrics_of(folder, details), record.folds_of(folder), model_id=model_id)
    version = mlflow_store.create_version(client, workspace, model, run_id, model_id, location,
                                          record.version_tags(folder, digest))
    mlflow_store.end_run(client, run_id, outcome="registered", version=version.version)
    return version


def _start(client, workspace, folder, model, details):
    experiment_id, run_id = mlflow_store.start_run(client, workspace, model, details.name,
                                                   {**record.run_tags(folder, details), OUTCOME: "running"})
    dataset = record.dataset_of(folder, details)
    if dataset is not None:
        mlflow_store.log_dataset(client, run_id, *dataset)
    mlflow_store.log_reports(client, run_id, folder)
    return experiment_id, run_id
