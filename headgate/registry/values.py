"""What travels between the registry and the rest: small frozen values."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlparse
from urllib.request import url2pathname

COMPLETE, DIGEST, DECISION = "headgate.complete", "headgate.digest", "headgate.decision"
MODEL, OUTCOME = "headgate.model", "headgate.outcome"
CHAMPION, CHALLENGER, CANARY, PREVIOUS = "champion", "challenger", "canary", "previous"
STAGING = "staging"     # what a staging service is told to serve


@dataclass(frozen=True)
class RunDetails:
    """What a flow adds to the run of a candidate beyond what its bundle says.

    name : name of the run.  dataset : where the snapshot is.
    origin : what the ledger keeps of the run, by which it is known again: {"request": key, "table": key}.
    """

    name: str = ""
    dataset: str = ""
    origin: dict = field(default_factory=dict, hash=False)
    tags: dict = field(default_factory=dict, hash=False)
    parameters: dict = field(default_factory=dict, hash=False)
    metrics: dict = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class RegisteredVersion:
    """One version of a model in the registry.

    version : its number, as text.  digest : of its bundle.  created : milliseconds since 1970 (UTC).
    location : where its MLflow model is; "" if only a server knows.  aliases : sorted.
    complete : everything was written; nothing else may be used.
    existed : registering found this bundle there already.
    """

    model: str
    version: str
    digest: str = ""
    run_id: str = ""
    created: int = 0
    location: str = ""
    aliases: tuple = ()
    tags: dict = field(default_factory=dict, hash=False)
    existed: bool = False

    @property
    def complete(self):
        return self.tags.get(COMPLETE) == "true"

    @property
    def decision(self):
        """What the gates said: "promote", "hold", "reject", or "" if unknown."""
        return self.tags.get(DECISION, "")

    @property
    def uri(self):
        return f"models:/{self.model}/{self.version}"

    @property
    def bundle(self):
        """Folder of the bundle on this host, or None when it must be downloaded first."""
        folder = local_path(self.location)
        return None if folder is None or not (folder / "bundle").is_dir() else folder / "bundle"

    def to_dict(self):
        """Return what a person or a program asks about a version."""
        return {"model": self.model, "version": self.version, "digest": self.digest, "run_id": self.run_id,
                "created": self.created, "aliases": list(self.aliases), "decision": self.decision, "uri": self.uri}


def local_path(location):
    """Return the path a location names on this host, or None for anything remote."""
    parsed = urlparse(location)
    if parsed.scheme == "file":
        return Path(url2pathname(unquote(parsed.path)))
    if location and (parsed.scheme == "" or len(parsed.scheme) == 1):
        return Path(location)
    return None
