"""Where things are: the checkout with its models, and the state directory beside it."""

import os
from dataclasses import dataclass
from pathlib import Path

from headgate.errors import StorageError


@dataclass(frozen=True)
class Workspace:
    """The places one command works in.

    root : folder that holds models/.
    home : state directory (`.headgate`, or HEADGATE_HOME); nothing in it belongs in git.
    database_url : SQLAlchemy URL of the ledger.
    tracking_uri : MLflow tracking and registry URI.
    champion_elsewhere : the champion is in a registry that is not to be asked from here.
    """

    root: Path
    home: Path
    database_url: str
    tracking_uri: str
    champion_elsewhere: bool = False

    @classmethod
    def from_environment(cls, environment=None, root=None):
        """Read HEADGATE_HOME, HEADGATE_DATABASE_URL and MLFLOW_TRACKING_URI; creates nothing.

        HEADGATE_CHAMPION_ELSEWHERE=true counts only where MLFLOW_TRACKING_URI does not say where to ask.
        Raises StorageError when the state directory is a file.
        """
        environment = os.environ if environment is None else environment
        root = Path(root or environment.get("HEADGATE_ROOT") or Path.cwd()).resolve()
        home = Path(environment.get("HEADGATE_HOME") or root / ".headgate").resolve()
        if home.exists() and not home.is_dir():
            raise StorageError("The state directory is a file.", value=home,
                               remedy="Set HEADGATE_HOME to a directory, or move the file away.")
        tracking_uri = environment.get("MLFLOW_TRACKING_URI")
        return cls(root, home,
                   environment.get("HEADGATE_DATABASE_URL") or f"sqlite:///{home / 'headgate.db'}",
                   tracking_uri or f"sqlite:///{home / 'mlflow.db'}",
                   environment.get("HEADGATE_CHAMPION_ELSEWHERE") == "true" and not tracking_uri)

    @property
    def snapshots(self):
        return self.home / "snapshots"

    @property
    def quarantine(self):
        return self.home / "quarantine"

    @property
    def reports(self):
        return self.home / "reports"

    @property
    def staging(self):
        return self.home / "staging"

    @property
    def locks(self):
        return self.home / "locks"

    @property
    def artifacts(self):
        """Root of MLflow's artifacts while MLflow is on the embedded SQLite."""
        return self.home / "artifacts"
