"""Headgate's own service: `python -m api` with validation, prediction log and metrics on, as it comes."""

import json
import shutil
import sys

from benchmarks.serving.servers.base import Server


class Headgate(Server):
    """Serves a folder of bundles; its state (the prediction log) is in the directory of the run."""

    name, label, needs = "headgate", "Headgate", None
    paths = {"single": "/predict", "instances": "/predict/batch", "columns": "/predict/batch"}

    def build(self):
        self.bundles = self.place / "bundles"
        add_bundle(self.bundles, "flights", self.prepared)
        write_roles(self.bundles, {"flights": "flights"}, default="flights")

    def command(self, port):
        return sys.executable, "-m", "api", "--host", "127.0.0.1", "--port", port, "--bundles", self.bundles

    def environment(self, port):
        return {"HEADGATE_HOME": str(self.place / "home")}

    def probabilities(self, shape, answer):
        if shape == "single":
            return [list(answer["probabilities"].values())[-1]]
        if shape == "columns":
            return list(answer["predictions"]["probabilities"].values())[-1]
        return [list(one["probabilities"].values())[-1] for one in answer["predictions"]]


def add_bundle(bundles, name, prepared):
    """Copy a prepared bundle into a folder of bundles; the service follows no link out of it."""
    bundles.mkdir(exist_ok=True)
    shutil.copytree(prepared.bundle, bundles / name)


def write_roles(bundles, champions, default):
    """Say in one step which bundle of `bundles` serves each model: model -> name of its folder."""
    document = {"default": default, "models": {name: {"champion": {"bundle": folder}}
                                               for name, folder in champions.items()}}
    part = bundles / ".roles.json.part"
    part.write_text(json.dumps(document), encoding="utf-8")
    part.replace(bundles / "roles.json")
