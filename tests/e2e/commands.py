"""Run Headgate's commands as a person does, in a place of their own: exit code, JSON, and what was said."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from typer.testing import CliRunner

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    """What a command came to. `document` is the JSON object of its last line, if that is one."""

    code: int
    said: str
    complained: str

    @property
    def document(self):
        return json.loads(self.said.splitlines()[-1])

    def __getitem__(self, name):
        return self.document[name]


@dataclass(frozen=True)
class Place:
    """A team's folder with its models, and the state beside it. api : of a running Prefect server, or None."""

    root: Path
    api: str | None = None
    tracking: str | None = None

    @property
    def home(self):
        return self.root / "state"

    @property
    def environment(self):
        wanted = {"HEADGATE_ROOT": str(self.root), "HEADGATE_HOME": str(self.home), "PREFECT_API_URL": self.api,
                  "MLFLOW_TRACKING_URI": self.tracking, "PREFECT_HOME": str(self.home / "prefect"),
                  "PREFECT_LOCAL_STORAGE_PATH": str(self.home / "prefect" / "results")}
        return {name: value for name, value in wanted.items() if value}

    @property
    def workspace(self):
        from headgate.workspace import Workspace
        return Workspace.from_environment(self.environment)

    def train(self, *options, model="shop"):
        """`python -m flows.train --json ...` in this process, which has its imports behind it."""
        from flows.launch.train import app
        return self._flow(app, model, options)

    def validate(self, *options, model="shop"):
        from flows.launch.validate import app
        return self._flow(app, model, options)

    def predict(self, *options, model="shop"):
        from flows.launch.predict import app
        return self._flow(app, model, options)

    def deploy(self, *options, model="kettle"):
        from flows.launch.deploy import app
        return self._flow(app, model, options)

    def drift(self, *options, model="shop"):
        from flows.launch.drift import app
        return self._flow(app, model, options)

    def retrain(self, *options, model="shop"):
        from flows.launch.retrain import app
        return self._flow(app, model, options)

    def watch(self, *options, model="shop"):
        from flows.launch.watch import app
        return self._flow(app, model, options)

    def headgate(self, *options):
        """`python -m headgate ... --json`."""
        from headgate.commands.app import app
        return self._invoke(app, [*options, "--json"])

    def process(self, *words, **more):
        """Start `python -m ...` as a process of its own."""
        return subprocess.Popen([sys.executable, "-m", *words], cwd=CHECKOUT, env={**os.environ, **self.environment},
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **more)

    def command(self, *words, **more):
        """Run `python -m ...` as a process of its own to its end."""
        process = self.process(*words, **more)
        said, complained = process.communicate(timeout=200)
        return Answer(process.returncode, said, complained)

    def _flow(self, app, model, options):
        from prefect.settings import PREFECT_API_URL, PREFECT_LOCAL_STORAGE_PATH, temporary_settings
        results = self.environment["PREFECT_LOCAL_STORAGE_PATH"]
        with temporary_settings({PREFECT_API_URL: self.api, PREFECT_LOCAL_STORAGE_PATH: results}):
            return self._invoke(app, ["--model", model, "--json", *options])

    def _invoke(self, app, words):
        with mock.patch.dict(os.environ, self.environment):
            result = CliRunner().invoke(app, [str(word) for word in words])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return Answer(result.exit_code, result.stdout, result.stderr)
