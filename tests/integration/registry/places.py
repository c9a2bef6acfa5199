"""Workspaces of the tests."""

from headgate.workspace import Workspace


def workspace_at(home):
    """Return the Workspace whose state is in `home` and whose models are nowhere."""
    return Workspace.from_environment({"HEADGATE_HOME": str(home)}, home)
