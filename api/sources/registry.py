"""The registry of this workspace: whoever bears the alias `champion` serves."""

import json
import logging
import subprocess
import sys
from importlib.util import find_spec

from api.sources.wanted import CHAMPION, PREVIOUS, Listing, Wanted, check_champions
from headgate.errors import HeadgateError, NoPrevious, RegistryError
from headgate.registry import read
from headgate.registry.embedded import database_file, list_names
from headgate.registry.values import local_path

log = logging.getLogger("headgate.api.sources")
ROLLBACK_SECONDS = 120
LAST_WORDS = 4000       # characters of what a rollback that failed has written


class RegistrySource:
    """Reads MLflow's SQLite file straight, which takes a millisecond and no MLflow."""

    kind = "registry"

    def __init__(self, workspace, alias=CHAMPION):
        self.workspace, self.alias = workspace, alias

    def describe(self):
        """Return what /health says of the source."""
        from headgate.data.places import masked
        return {"kind": self.kind, "place": masked(self.workspace.tracking_uri), "alias": self.alias}

    def listing(self):
        """Return the Listing; raise RegistryError when the registry is away."""
        file = database_file(self.workspace.tracking_uri)
        if not file.is_file():
            raise RegistryError(f"There is no registry at {file}.", remedy="Train a model: python -m flows.train.")
        names = list_names(file)
        if names is None:
            raise RegistryError(f"{file} is no registry: it has no tables of MLflow.",
                                remedy="Put the right file back, or correct MLFLOW_TRACKING_URI.")
        found = [serving(self.workspace, name, self.alias) for name in names]
        return Listing(tuple(self._wanted(role, one) for role, one in found if one is not None))

    def _wanted(self, role, one):
        """A bundle that should be on this host is not looked for elsewhere: MLflow stays out of the service."""
        place = local_path(one.location)
        folder = read.bundle_folder(self.workspace, one) if place is None else place / "bundle"
        return Wanted(one.model, role, one.version, folder, one.digest)

    def hurry(self):
        """It is read afresh each time."""

    def close(self):
        """Nothing is kept open."""

    def roll_back(self, model, actor):
        """Have `python -m headgate rollback` move the aliases: it needs MLflow, which does not belong in here."""
        check_champions(self.alias)
        local = database_file(self.workspace.tracking_uri) is not None
        if local and read.with_alias(self.workspace, model, PREVIOUS) is None:
            raise NoPrevious(f"{model!r} has no previous champion to roll back to.")
        if find_spec("mlflow") is None:
            raise RegistryError("MLflow is not installed where this service runs, and without it no alias is moved.",
                                remedy=f"Run it where MLflow is: python -m headgate rollback {model}.")
        command = [sys.executable, "-m", "headgate", "rollback", model, "--json",
                   "--reason", f"asked of the API by {actor}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=ROLLBACK_SECONDS, check=False)
        if done.returncode:
            raise _told(done, model)


def serving(workspace, model, alias):
    """Return (role, RegisteredVersion) of who serves: the bearer of `alias`, else the champion, else None."""
    versions = read.list_versions(workspace, model)
    for role in (alias, CHAMPION):
        for one in versions:
            if role in one.aliases:
                return role, one
    return CHAMPION, None


def _told(done, model):
    try:
        document = json.loads(done.stdout.strip().splitlines()[-1])
        return RegistryError(document["error"])
    except (IndexError, ValueError, KeyError):
        log.error("the rollback of %s failed: %s", model, done.stderr[-LAST_WORDS:],
                  extra={"model": model, "exit_code": done.returncode})
        return HeadgateError("The rollback failed; the log of the service says why.",
                             value=f"exit code {done.returncode}")
