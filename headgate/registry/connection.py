"""What must hold before MLflow is asked anything, and what its refusals mean. Does not import MLflow."""

import os
import socket
from urllib.parse import urlparse
from uuid import uuid4

from filelock import FileLock

from headgate.errors import RegistryError
from headgate.registry import embedded

SETTINGS = {"MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
            "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1", "MLFLOW_HTTP_REQUEST_TIMEOUT": "30",
            "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}
SECONDS = 3


def prepare_environment():
    """Keep MLflow quiet, without telemetry, and quick to give up; what the user has set stays."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)


def remote(workspace):
    """True when the registry is an MLflow server, which keeps artifacts itself."""
    return urlparse(workspace.tracking_uri).scheme in ("http", "https")


def artifact_location(workspace, model):
    """Return where the artifacts of the model's experiment go, or None to let the server choose."""
    return None if remote(workspace) else (workspace.artifacts / model).absolute().as_uri()


def knock(workspace):
    """Raise RegistryError in seconds, not after minutes of retries, when no server listens or the URI names none."""
    if "://" not in workspace.tracking_uri:
        raise RegistryError("MLFLOW_TRACKING_URI names no registry.", value=workspace.tracking_uri,
                            limit="http://HOST:PORT, or a database such as sqlite:////PATH/mlflow.db",
                            remedy="Correct it, or unset it to keep versions under the state directory.")
    if not remote(workspace):
        return
    parsed = urlparse(workspace.tracking_uri)
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    try:
        socket.create_connection((parsed.hostname, port), timeout=SECONDS).close()
    except OSError as error:
        raise RegistryError(f"The registry {parsed.hostname}:{port} does not answer.", value=str(error),
                            remedy="Start it, or correct MLFLOW_TRACKING_URI.") from None


def create_database(workspace, path, build):
    """Have `build(uri)` make the tables in a file beside `path`, and move it there whole.

    So neither two first starts at once nor a kill in the middle leaves a database with half of its tables.
    """
    if path.is_file():
        return
    workspace.locks.mkdir(parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(workspace.locks / "mlflow-schema.lock", timeout=120):
        if path.is_file():
            return
        draft = path.with_name(f"{path.name}.{uuid4().hex}.new")
        try:
            build(f"sqlite:///{draft}")
            os.replace(draft, path)
        finally:
            draft.unlink(missing_ok=True)


def refused(workspace, error):
    """Return the RegistryError for what the registry raised."""
    text = " ".join(str(error).split())
    path = embedded.database_file(workspace.tracking_uri)
    if path is not None and any(word in text for word in ("locked", "disk", "readonly", "unable to open")):
        return embedded.away(path, text[:300])
    place = urlparse(workspace.tracking_uri).hostname or path
    return RegistryError(f"The registry {place} refused.", value=text[:300],
                         remedy="Check MLFLOW_TRACKING_URI, and the log of the server if it is one.")
