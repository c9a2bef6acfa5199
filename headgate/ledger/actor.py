"""Who is acting."""

import getpass
import os
import socket


def current_actor(environment=None):
    """Return "GITHUB_ACTOR@github" in a GitHub action, else "user@host"."""
    environment = os.environ if environment is None else environment
    if environment.get("GITHUB_ACTOR"):
        return f"{environment['GITHUB_ACTOR']}@github"
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):
        user = "unknown"
    return f"{user}@{socket.gethostname()}"
