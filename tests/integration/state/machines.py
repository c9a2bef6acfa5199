"""A repository with a remote, machines that begin with a clone of it, and what a training registers there."""

import shutil
import subprocess

from bundles import write_bundle
from committing import git

from headgate.registry import aliases
from headgate.registry.register import register
from headgate.state.branch import Branch
from headgate.workspace import Workspace


def make_remote(root):
    """Make a bare repository with one commit on main."""
    folder = root / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", "-b", "main", str(folder)], check=True)
    git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    first = root / "first"
    subprocess.run(["git", "clone", "--quiet", str(folder), str(first)], check=True, capture_output=True)
    git(first, "commit", "--quiet", "--allow-empty", "-m", "first")
    git(first, "push", "--quiet", "origin", "HEAD:main")
    return folder


def start_machine(folder, remote, empty_registry, *, depth=1):
    subprocess.run(["git", "clone", "--quiet", *([f"--depth={depth}"] if depth else []), remote.as_uri(), str(folder)],
                   check=True, capture_output=True)
    workspace = Workspace.from_environment({}, folder)
    workspace.home.mkdir()
    shutil.copy(empty_registry, workspace.home / "mlflow.db")
    return workspace, Branch(workspace.root)


def train(workspace, folder, *, bias=0.0, model="kettle"):
    """Register a bundle as a training would; return the version."""
    version = register(workspace, write_bundle(folder / f"{model}-{bias}", bias=bias, model=model))
    aliases.accept(workspace, version)
    return version
