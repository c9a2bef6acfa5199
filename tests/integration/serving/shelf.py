"""A folder of bundles with a roles.json, as `python -m headgate export` leaves it."""

import itertools
import json
import os
from dataclasses import dataclass, field
from pathlib import Path

import bundles


@dataclass
class Shelf:
    """Bundles of tiny models. `put` makes one and lets it serve; `say` writes roles.json in one step."""

    folder: Path
    models: dict = field(default_factory=dict)
    default: str = "kettle"
    _numbers: object = field(default_factory=itertools.count)

    def put(self, *, model="kettle", role="champion", version=None, **wishes):
        """Write a bundle (see bundles.write_bundle), give it a role, and return its folder."""
        folder = bundles.write_bundle(self.folder / f"{model}-{next(self._numbers)}", model=model, **wishes)
        self.give(folder, model=model, role=role, version=version)
        return folder

    def give(self, folder, *, model="kettle", role="champion", **facts):
        """Let the bundle in `folder` have a role; whoever was champion becomes `previous`."""
        roles = dict(self.models.get(model, {}))
        if role == "champion" and role in roles:
            roles["previous"] = roles[role]
        facts = {name: value for name, value in facts.items() if value is not None}
        self.models[model] = {**roles, role: {"bundle": folder.relative_to(self.folder).as_posix(), **facts}}
        self.say({"default": self.default, "models": self.models})

    def say(self, document):
        scratch = self.folder / ".roles.new"
        scratch.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
        os.replace(scratch, self.folder / "roles.json")
