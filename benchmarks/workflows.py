"""How long each workflow takes in the runner, from checkout to end, as act reports it.

    python benchmarks/workflows.py                     flights; some minutes
    python benchmarks/workflows.py --model tumors
    python benchmarks/workflows.py --json              the figures as one JSON object on the last line

A team's repository with one model runs the workflow files on this host, one after another, on the embedded default: no
server, an empty state directory and an interpreter started anew for every command. Left out is what stand-ins do in no
time: installing the lock, caches, uploads. Jobs of one matrix share the cores of this host. Of ci-tests the team's own
tests are one of half a second: what this project's take stands in docs/benchmarks.md.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "workflows")]

from acting import found_team  # noqa: E402  (on the path by the line above)
from github_api import TOKEN, github_api  # noqa: E402

TESTS = {"tests/contract/test_small.py": "def test_one():\n    assert True\n"}
SETTINGS = {"PYTEST_ADDOPTS": "-n 0 -p no:cacheprovider"}
DISPATCH = "workflow_dispatch"


def main(arguments=None):
    """Measure, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="flights")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="headgate-workflows-") as place, github_api() as api:
        team = found_team(Path(place) / "team", {**TESTS, **files_of(options.model)})
        found = []
        for title, workflow, event, more in plan(team, options.model):
            run = team.act(workflow, event, secrets={"GITHUB_TOKEN": TOKEN},
                           environment={**SETTINGS, "GITHUB_API_URL": api.url}, **more)
            if "failure" in run.result.values() or not run.jobs:
                raise SystemExit(f"{title} did not pass:\n{run.text}")
            found.append({"what": title, "seconds": run.wall, "jobs": {name: round(seconds, 1)
                                                                       for name, seconds in run.seconds.items()}})
            print(f"{title:42} {run.wall:5.0f} s   " + ", ".join(
                f"{name} {seconds:.1f}" for name, seconds in run.seconds.items()), flush=True)
    if options.json:
        print(json.dumps(found))
    return 0


def files_of(model):
    """Return name -> text of the model's folder."""
    folder = ROOT / "models" / model
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(folder.iterdir()) if path.is_file()}


def plan(team, model):
    """Yield (title, workflow, event, what else act is told), each behind what the one before left."""
    yield "ci-tests, one Python", "ci-tests.yml", "push", {"options": ("--matrix", "python:3.12")}
    yield "data-validation", "data-validation.yml", DISPATCH, {"inputs": {"model": model}}
    yield "model-training, pull request", "model-training.yml", "pull_request", {"document": proposed(team, model)}
    yield "model-training, first champion", "model-training.yml", DISPATCH, {
        "inputs": {"model": model, "algorithm": "spec"}}
    yield "deploy-api, no production to watch", "deploy-api.yml", DISPATCH, {
        "inputs": {"model": "all", "version": "challenger"}}
    yield "schedule-retrain, not due", "schedule-retrain.yml", DISPATCH, {
        "inputs": {"model": model, "force": "false"}}
    yield "model-training, every algorithm", "model-training.yml", DISPATCH, {
        "inputs": {"model": model, "algorithm": "all"}}


def proposed(team, model):
    """Commit a change of the model, and return the event of a pull request for it."""
    team.write(f"models/{model}/CHANGE.md", "A change.\n")
    whose = {"repo": {"full_name": "team/repository"}}
    return {"number": 1, "pull_request": {"number": 1, "user": {"login": "ada"}, "base": {"ref": "main", **whose},
                                          "head": {"ref": "change", "sha": team.commit(), **whose}}}


if __name__ == "__main__":
    sys.exit(main())
