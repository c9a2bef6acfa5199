"""A registry with a trained champion, a trained challenger, and a model of another name beside them."""

import shutil

import pytest

from headgate.registry import aliases
from headgate.registry.register import register
from headgate.workspace import Workspace


@pytest.fixture
def workspace(tmp_path, empty_registry):
    found = Workspace.from_environment({}, tmp_path / "team")
    found.home.mkdir(parents=True)
    shutil.copy(empty_registry, found.home / "mlflow.db")
    return found


@pytest.fixture
def take_in(workspace):
    """Register a bundle as a training would; return its digest."""
    def register_one(folder):
        version = register(workspace, folder)
        aliases.accept(workspace, version)
        return version.digest
    return register_one


@pytest.fixture
def second_ferries(ferries_bundle, tmp_path):
    """The trained ferries once more, with another note in it, and so another digest."""
    from headgate.bundle import seal
    folder = tmp_path / "second"
    shutil.copytree(ferries_bundle, folder)
    (folder / "report.md").write_text("the second one")
    seal(folder, "ferries")
    return folder
