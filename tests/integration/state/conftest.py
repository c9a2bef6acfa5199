"""A repository with a remote, and empty machines that begin with a fresh clone of it."""

import itertools
import shutil
import subprocess

import pytest
from committing import git

from headgate.state.branch import Branch
from headgate.workspace import Workspace


@pytest.fixture
def remote(tmp_path):
    """A bare repository with one commit on main."""
    folder = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(folder)], check=True)
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    first = tmp_path / "first"
    subprocess.run(["git", "clone", "--quiet", str(folder), str(first)], check=True, capture_output=True)
    git(first, "commit", "--quiet", "--allow-empty", "-m", "first")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    return folder


@pytest.fixture
def machine(tmp_path, remote, empty_registry):
    """Start machines: machine() -> (workspace, branch), each with a shallow clone and an empty state directory."""
    numbers = itertools.count(1)

    def start(*, depth=1):
        folder = tmp_path / f"machine-{next(numbers)}"
        subprocess.run(["git", "clone", "--quiet", *([f"--depth={depth}"] if depth else []), remote.as_uri(),
                        str(folder)], check=True, capture_output=True)
        workspace = Workspace.from_environment({}, folder)
        workspace.home.mkdir()
        shutil.copy(empty_registry, workspace.home / "mlflow.db")
        return workspace, Branch(workspace.root)
    return start
