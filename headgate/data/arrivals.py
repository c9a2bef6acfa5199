"""Did new rows arrive? The source's digest against the one that was seen before."""

import json
from dataclasses import dataclass

from headgate.data.digests import fingerprint
from headgate.training.record import write_json


@dataclass(frozen=True)
class Look:
    """digest : of the source now. before : of the look before, or None at the first."""

    model: str
    digest: str
    before: str | None

    @property
    def outcome(self):
        """first, changed or unchanged."""
        return "first" if self.before is None else "unchanged" if self.before == self.digest else "changed"

    @property
    def sentence(self):
        return {"first": f"The source of {self.model} is seen for the first time; what changes from now on is new.",
                "changed": f"The source of {self.model} is not what it was at the last look.",
                "unchanged": f"The source of {self.model} is as it was at the last look."}[self.outcome]


def look_at_source(workspace, spec, folder):
    """Return a Look at the source and joins of a model. Raises SourceError when one is away."""
    return Look(spec.name, fingerprint(spec, folder, as_of=None), _seen(workspace, spec.name))


def remember(workspace, look):
    """Note what was seen, atomically."""
    write_json(_path(workspace, look.model), {"digest": look.digest})


def _seen(workspace, model):
    try:
        return json.loads(_path(workspace, model).read_text(encoding="utf-8"))["digest"]
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def _path(workspace, model):
    return workspace.home / "arrivals" / f"{model}.json"
