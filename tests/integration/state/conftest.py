"""A repository with a remote, and empty machines that begin with a fresh clone of it."""

import itertools
import shutil

import pytest
from machines import make_remote, start_machine, train

from headgate.registry import aliases
from headgate.state import NONE, pull, push


@pytest.fixture
def remote(tmp_path):
    """A bare repository with one commit on main."""
    return make_remote(tmp_path)


@pytest.fixture
def machine(tmp_path, remote, empty_registry):
    """Start machines: machine() -> (workspace, branch), each with a shallow clone and an empty state directory."""
    numbers = itertools.count(1)
    return lambda **wishes: start_machine(tmp_path / f"machine-{next(numbers)}", remote, empty_registry, **wishes)


@pytest.fixture(scope="session")
def beginning(tmp_path_factory, empty_registry):
    """(remote, the machine that wrote it, commit) of a branch with champion 3, challenger 4 and what was left behind.

    Not to be changed: it takes a second to make.
    """
    root = tmp_path_factory.mktemp("beginning")
    remote = make_remote(root)
    workspace, branch = start_machine(root / "machine", remote, empty_registry)
    assert pull(workspace, branch).commit == NONE
    for bias in (0.1, 0.2, 0.3, 0.4):
        train(workspace, root, bias=bias)
    aliases.promote(workspace, "kettle", "3")
    aliases.move_aliases(workspace, "kettle", {"challenger": "4"})
    return remote, workspace, push(workspace, branch, ["kettle"], message="first")


@pytest.fixture
def started(beginning, remote):
    """(workspace of the machine that wrote it, commit) of that branch, in a remote of this test's own."""
    written, workspace, commit = beginning
    shutil.rmtree(remote)
    shutil.copytree(written, remote)
    return workspace, commit
