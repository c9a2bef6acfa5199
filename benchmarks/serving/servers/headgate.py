"""Headgate's own service: `python -m api` with validation, prediction log and metrics on, as it comes."""

import json
import shutil
import sys

from benchmarks.serving.model import headgate
from benchmarks.serving.servers.base import Server

MODEL = "flights"


class Headgate(Server):
    """Serves a folder of bundles; its state (the prediction log) is in the directory of the run."""

    name, label, needs = "headgate", "Headgate", None
    paths = {"single": "/predict", "instances": "/predict/batch", "columns": "/predict/batch"}

    @property
    def bundles(self):
        return self.place / "bundles"

    @property
    def home(self):
        return self.place / "home"

    def build(self):
        add_bundle(self.bundles, MODEL, self.prepared)
        write_roles(self.bundles, {MODEL: {"bundle": MODEL}})

    def command(self, port):
        return sys.executable, "-m", "api", "--host", "127.0.0.1", "--port", port, "--bundles", self.bundles

    def environment(self, port):
        return {"HEADGATE_HOME": str(self.home)}

    def probabilities(self, shape, answer):
        if shape == "single":
            return [list(answer["probabilities"].values())[-1]]
        if shape == "columns":
            return list(answer["predictions"]["probabilities"].values())[-1]
        return [list(one["probabilities"].values())[-1] for one in answer["predictions"]]


class FromRegistry(Headgate):
    """The same service that takes the champion from a local registry."""

    name, label = "registry", "Headgate, local registry"

    def build(self):
        headgate(self.home, "headgate", "import", self.prepared.bundle)
        headgate(self.home, "headgate", "promote", MODEL, "--version", "1")

    def command(self, port):
        return super().command(port)[:-2]


def add_bundle(bundles, name, prepared):
    """Copy a prepared bundle into a folder of bundles; the service follows no link out of it."""
    bundles.mkdir(exist_ok=True)
    shutil.copytree(prepared.bundle, bundles / name)


def write_roles(bundles, champions):
    """Say in one step which bundle serves each model: model -> {"bundle": name of its folder, "version": ...}."""
    document = {"default": MODEL, "models": {name: {"champion": place} for name, place in champions.items()}}
    part = bundles / ".roles.json.part"
    part.write_text(json.dumps(document), encoding="utf-8")
    part.replace(bundles / "roles.json")
