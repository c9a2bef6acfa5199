"""What holds for every test: nothing of the developer's own settings is used, and nothing is sent anywhere."""

import os
import shutil
import tempfile

SETTINGS = ("HEADGATE_ROOT", "HEADGATE_HOME", "HEADGATE_DATABASE_URL", "MLFLOW_TRACKING_URI", "PREFECT_API_URL",
            "PREFECT_API_KEY", "PREFECT_PROFILE")
QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
         "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true",
         "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}


def pytest_configure(config):
    """Set the environment before anything is imported that reads it; each worker has its own Prefect home."""
    for name in SETTINGS:
        os.environ.pop(name, None)
    config.prefect_home = tempfile.mkdtemp(prefix="headgate-tests-")
    os.environ.update(QUIET, PREFECT_HOME=config.prefect_home)


def pytest_unconfigure(config):
    shutil.rmtree(config.prefect_home, ignore_errors=True)
