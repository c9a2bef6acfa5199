"""Headgate's own service: `python -m api` with validation, prediction log and metrics on, as it comes."""

import json
import sys

from benchmarks.serving.servers.base import Server

ADMIN_KEY = "benchmark-admin-key"


class Headgate(Server):
    """Serves a folder of bundles; its state (the prediction log) is in the directory of the run."""

    name, label, needs = "headgate", "Headgate", None
    paths = {"single": "/predict", "instances": "/predict/batch", "columns": "/predict/batch"}
    headers = (("X-API-Key", ADMIN_KEY),)

    def build(self):
        self.bundles = self.place / "bundles"
        self.bundles.mkdir(exist_ok=True)
        (self.bundles / "flights").symlink_to(self.prepared.bundle)
        write_roles(self.bundles, {"flights": "flights"}, default="flights")

    def command(self, port):
        return sys.executable, "-m", "api", "--host", "127.0.0.1", "--port", port, "--bundles", self.bundles

    def environment(self, port):
        return {"HEADGATE_HOME": str(self.place / "home")}

    def probabilities(self, shape, answer):
        if shape == "single":
            return [list(answer["probabilities"].values())[-1]]
        return [list(one["probabilities"].values())[-1] for one in answer["predictions"]]


def write_roles(bundles, champions, default):
    """Say in one step which bundle of `bundles` serves each model: model -> name of its folder."""
    document = {"default": default, "models": {name: {"champion": {"bundle": folder}}
                                               for name, folder in champions.items()}}
    part = bundles / ".roles.json.part"
    part.write_text(json.dumps(document), encoding="utf-8")
    part.replace(bundles / "roles.json")
