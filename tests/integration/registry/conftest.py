"""A registry on SQLite per test, its tables created once per session, and bundles to put into it."""

import shutil

import pytest
from bundles import write_bundle
from places import workspace_at

from headgate.registry import mlflow_store


@pytest.fixture(scope="session")
def empty_registry(tmp_path_factory):
    """An MLflow database with its tables and nothing in them; creating it takes over a second."""
    workspace = workspace_at(tmp_path_factory.mktemp("registry"))
    mlflow_store.prepare(workspace)
    return workspace.home / "mlflow.db"


@pytest.fixture
def workspace(tmp_path, empty_registry):
    """A state directory with an empty registry."""
    home = tmp_path / "home"
    home.mkdir()
    shutil.copy(empty_registry, home / "mlflow.db")
    return workspace_at(home)


@pytest.fixture
def bundle(tmp_path):
    """Make sealed bundles: bundle(bias=0.1, decision="hold")."""
    made = []

    def make(**wishes):
        made.append(wishes)
        return write_bundle(tmp_path / f"bundle-{len(made)}", **wishes)
    return make
