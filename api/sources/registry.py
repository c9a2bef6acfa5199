"""The registry of this workspace: whoever bears the alias `champion` serves."""

import json
import subprocess
import sys

from api.sources.wanted import CHAMPION, PREVIOUS, Listing, Wanted
from headgate.errors import HeadgateError, NoPrevious, RegistryError
from headgate.registry import read
from headgate.registry.embedded import database_file

ROLLBACK_SECONDS = 120


class RegistrySource:
    """Reads MLflow's SQLite file straight, which takes a millisecond and no MLflow."""

    kind = "registry"

    def __init__(self, workspace):
        self.workspace = workspace

    def describe(self):
        """Return what /health says of the source."""
        from headgate.data.places import masked
        return {"kind": self.kind, "place": masked(self.workspace.tracking_uri)}

    def listing(self):
        """Return the Listing; raise RegistryError when the registry is away."""
        champions = [read.with_alias(self.workspace, name, CHAMPION) for name in read.list_names(self.workspace)]
        return Listing(tuple(Wanted(one.model, CHAMPION, one.version, read.bundle_folder(self.workspace, one),
                                    one.digest) for one in champions if one is not None))

    def hurry(self):
        """It is read afresh each time."""

    def close(self):
        """Nothing is kept open."""

    def roll_back(self, model, actor):
        """Have `python -m headgate rollback` move the aliases: it needs MLflow, which does not belong in here."""
        local = database_file(self.workspace.tracking_uri) is not None
        if local and read.with_alias(self.workspace, model, PREVIOUS) is None:
            raise NoPrevious(f"{model!r} has no previous champion to roll back to.")
        command = [sys.executable, "-m", "headgate", "rollback", model, "--json",
                   "--reason", f"asked of the API by {actor}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=ROLLBACK_SECONDS, check=False)
        if done.returncode:
            raise _told(done)


def _told(done):
    try:
        document = json.loads(done.stdout.strip().splitlines()[-1])
        return RegistryError(document["error"])
    except (IndexError, ValueError, KeyError):
        return HeadgateError("The rollback failed.", value=f"exit code {done.returncode}")
