"""What holds for every test: nothing of the developer's own settings is used, and nothing is sent anywhere."""

import gc
import os
import shutil
import sqlite3
import tempfile
from contextlib import closing

import pytest
from filelock import FileLock

SETTINGS = ("MLFLOW_TRACKING_URI", "PREFECT_API_URL", "PREFECT_API_KEY", "PREFECT_PROFILE", "PYTHONDONTWRITEBYTECODE")
QUIET = {"PREFECT_LOGGING_LEVEL": "CRITICAL", "PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW": "ignore",
         "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "true", "MLFLOW_DISABLE_TELEMETRY": "true",
         "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "0.2",     # else an event is seen after five seconds
         "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE"}
LONGEST = ("test_story", "test_model_training", "test_deploy_api", "test_server_mode", "test_deploy_approval",
           "test_schedule_retrain", "test_deployments", "test_up", "test_dying", "test_train_embedded",
           "test_train_interrupted", "test_bad_input", "test_drift_and_retraining", "test_deploy_interrupted",
           "test_ci_tests", "test_data_validation", "test_carrying_state", "test_predict", "test_deploy",
           "test_state_that_cannot_be_read", "test_releasing")


def pytest_configure(config):
    """Set the environment before anything is imported that reads it; each worker has its own Prefect home."""
    for name in [*SETTINGS, *(name for name in os.environ if name.startswith("HEADGATE_"))]:
        os.environ.pop(name, None)
    config.prefect_home = tempfile.mkdtemp(prefix="headgate-tests-")
    os.environ.update(QUIET, PREFECT_HOME=config.prefect_home)


def pytest_unconfigure(config):
    gc.unfreeze()
    shutil.rmtree(config.prefect_home, ignore_errors=True)


def pytest_collection_modifyitems(items):
    """Let the longest files begin first, or the last of them would run while the other worker has nothing to do."""
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))


@pytest.fixture(scope="module", autouse=True)
def libraries_out_of_sight():
    """Let the garbage collector pass over what earlier files left: millions of objects of libraries, which live on.

    A service collects with every version it loads, and that would take it a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def prefect_tables(tmp_path_factory):
    """Start a server through this, and its database has its tables already: making them takes five seconds.

    prefect_tables(home, start): `start()` runs until the server on a database under `home` answers. The first one
    makes the tables, all others, of other workers too, begin with a copy.
    """
    shared = tmp_path_factory.getbasetemp()
    shared = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "prefect-tables.db"

    def with_tables(home, start):
        with FileLock(f"{shared}.lock"):
            if not shared.exists():
                start()
                with closing(sqlite3.connect(home / "prefect.db")) as made, closing(sqlite3.connect(shared)) as kept:
                    made.backup(kept)
                return
        home.mkdir(parents=True, exist_ok=True)
        shutil.copy(shared, home / "prefect.db")
        start()
    return with_tables


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory):
    """An MLflow database with its tables and nothing in it; making them takes over a second, so workers share it."""
    return _shared(tmp_path_factory, "registry", _make_registry) / "mlflow.db"


@pytest.fixture(scope="session")
def ferries_bundle(tmp_path_factory):
    """Folder of a small trained model, sealed; workers share it."""
    return _shared(tmp_path_factory, "ferries", _train_ferries)


@pytest.fixture(scope="session")
def teas_bundle(tmp_path_factory):
    """Folder of another one, with three classes."""
    return _shared(tmp_path_factory, "teas", _train_teas)


def _make_registry(folder):
    from headgate.registry import mlflow_store
    from headgate.workspace import Workspace
    mlflow_store.prepare(Workspace.from_environment({"HEADGATE_HOME": str(folder)}, folder))


def _train_ferries(folder):
    import ferries
    import trained

    from headgate.learning.features import Features
    edges = [{"wind": 8.0}, {"wind": 17.0}, {"line": "Molde"}, {"line": "Ålesund"}]
    pipeline, golden = trained.train(ferries.spec(), Features(ferries.FEATURES), ferries.table(), "random_forest",
                                     more_golden=edges)
    trained.write(folder, pipeline, golden)


def _train_teas(folder):
    import teas
    import trained
    trained.write(folder, *trained.train(teas.SPEC, None, teas.table(), "hist_gradient_boosting"))


def _shared(tmp_path_factory, name, make):
    """Return a folder that `make(folder)` writes once, whichever worker comes first."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            make(folder)
    return folder
