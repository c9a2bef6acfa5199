"""A registry with a champion and a second version of penguins, trained once and copied for every kill."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

from benchmarks.measure import ROOT

MODEL, FILES = "penguins", ("mlflow.db", "headgate.db")
SECOND_SEED = "seed: 1\n"
MOVES = ("promoted", "rolled back")


def prepare(cache):
    """Return the folder with the trained state; trained there once: two versions, the first of them champion."""
    place = cache / "kill-deploy"
    if not (place / "trained").exists():
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(ROOT / "models" / MODEL, place / "models" / MODEL)
        train(place)
        with open(place / "models" / MODEL / "model.yaml", "a", encoding="utf-8") as spec:
            spec.write(SECOND_SEED)
        train(place)
        (place / "trained").touch()
    return place


def train(place):
    """Train once; raise SystemExit when nothing was registered."""
    command = [sys.executable, "-m", "flows.train", "--model", MODEL, "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment_of(place), capture_output=True, text=True, check=False)
    if done.returncode or json.loads(done.stdout.splitlines()[-1])["version"] is None:
        raise SystemExit(f"the training failed:\n{done.stdout}{done.stderr}")


def environment_of(place, home=None, **more):
    """Return the environment of everything that works on the state in `home`."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HEADGATE_", "PREFECT_"))}
    return {**kept, "HEADGATE_ROOT": str(place), "HEADGATE_HOME": str(home or place / "state"), **more}


def copy_of(place, home):
    """Copy the registry and the ledger to the new folder `home`; the bundles are shared."""
    home.mkdir(parents=True)
    for name in FILES:
        shutil.copy(place / "state" / name, home / name)
    return home


def champions(home):
    """Return the numbers of the versions that are champion now: one, if all is well."""
    with closing(sqlite3.connect(f"{(home / 'mlflow.db').as_uri()}?mode=rw", uri=True, timeout=10)) as registry:
        return [str(one) for (one,) in registry.execute(
            "SELECT version FROM registered_model_aliases WHERE name = ? AND alias = 'champion'", (MODEL,))]


def events(home):
    """Return the names of what the ledger holds, oldest first."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(home / "headgate.db", timeout=10)) as ledger:
        return [one for (one,) in ledger.execute("SELECT event FROM ledger WHERE model = ? ORDER BY sequence",
                                                 (MODEL,))]
    return []


def chain_holds(place, home):
    """True if nobody tampered with the ledger."""
    command = [sys.executable, "-m", "headgate", "why", MODEL, "--version", "2", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environment_of(place, home), capture_output=True, text=True,
                          check=False)
    return done.returncode == 0 and json.loads(done.stdout.splitlines()[-1])["chain_ok"]


def a_row(place):
    """Return a golden row of the first version, as a client sends it."""
    from headgate.bundle import read_spec
    from headgate.bundle.golden import golden_rows
    from headgate.registry import read
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment(environment_of(place), place)
    folder = Path(read.find_version(workspace, MODEL, "1").bundle)
    return golden_rows(folder, read_spec(folder))[0]
