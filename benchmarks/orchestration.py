"""What Prefect costs Headgate's flows, and how long an event takes to become a run.

    python benchmarks/orchestration.py                      flows.train on tumors and flights, then events; some minutes
    python benchmarks/orchestration.py --models tumors --runs 1
    python benchmarks/orchestration.py --parts events       only events, on `python -m flows.up`
    python benchmarks/orchestration.py --json               the figures as one JSON object on the last line

Overhead: `flows.train` with every step repeated, in turns, as plain calls of the functions under its decorators
(benchmarks/plain_flow.py), with a temporary Prefect API, and against a running server. "Alone" is the flow without
imports and without the start of the API. Events: headgate.data.arrived is sent to the machine that `flows.up` brings
up, until the run of flows.validate that it triggers is running, each after the end of the one before.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
from datetime import datetime, timezone
from pathlib import Path

try:
    from benchmarks.measure import ROOT, median, python
    from benchmarks.train_overhead import QUIET, running_server
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from benchmarks.measure import ROOT, median, python
    from benchmarks.train_overhead import QUIET, running_server

SIDES = {"plain": "plain functions", "temporary": "temporary Prefect API", "server": "running Prefect server"}
EVENT, DEPLOYMENT, DISTRACTION = "headgate.data.arrived", "validate", "headgate-retrain-on-what-arrived"
RUN_SECONDS = 180


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    if "PREFECT_API_URL" in os.environ:
        raise SystemExit("Unset PREFECT_API_URL: this command starts its own servers.")
    figures = {}
    with tempfile.TemporaryDirectory(prefix="headgate-orchestration-") as place:
        if "overhead" in options.parts:
            figures["overhead"] = [overhead(Path(place) / model, model, options.runs) for model in options.models]
            _print_overhead(figures["overhead"], options.runs)
        if "events" in options.parts:
            figures["events"] = events(Path(place) / "up", options.events, options.poll)
            _print_events(figures["events"])
    if options.json:
        print(json.dumps(figures))
    return 0


def overhead(place, model, count):
    """Return the figures of one model: median seconds of every side, in turns, the first round left out."""
    place.mkdir()
    with running_server(place / "prefect") as url:
        runs = {side: [] for side in SIDES}
        for number in range(count + 1):
            for side in SIDES:
                told = once(side, model, place, url)
                if number:
                    runs[side].append(told)
    check_same_work(runs)
    found = {side: {"alone": median([one["seconds"] for one in done]), "whole": median([one["wall"] for one in done]),
                    "lowest": min(one["seconds"] for one in done), "highest": max(one["seconds"] for one in done)}
             for side, done in runs.items()}
    tasks, plain = runs["plain"][0]["tasks"], found["plain"]["alone"]
    for side in ("temporary", "server"):
        more = found[side]["alone"] - plain
        found[side] |= {"overhead": more, "share": more / plain, "per_task_ms": 1000 * more / tasks}
    return {"model": model, "tasks": tasks, "sides": found}


def once(side, model, place, url):
    """Run one side once; return what benchmarks.plain_flow told and the wall time of the whole command."""
    environment = {**QUIET, "HEADGATE_HOME": str(place / f"home-{side}"), "MPLCONFIGDIR": str(place / "matplotlib")}
    if side == "server":
        environment["PREFECT_API_URL"] = url
    done = python("-m", "benchmarks.plain_flow", side, model, environment=environment)
    if done.code:
        raise SystemExit(f"{SIDES[side]} ended with {done.code}:\n{done.output}\n{done.errors}")
    return {**json.loads(done.output.splitlines()[-1]), "wall": done.seconds}


def check_same_work(runs):
    """Stop unless every side trained the same model."""
    came = {(one["algorithm"], one["accuracy"]) for done in runs.values() for one in done}
    if len(came) != 1:
        raise SystemExit(f"not the same work: {sorted(map(str, came))}")


def events(home, count, poll):
    """Return the seconds of every event on a machine of its own, the first one left out."""
    home.mkdir()
    ports = _free_ports(3)
    words = [f"--{name}-port={port}" for name, port in zip(("prefect", "mlflow", "api"), ports)]
    environment = {**os.environ, "HEADGATE_HOME": str(home), "PREFECT_WORKER_QUERY_SECONDS": str(poll)}
    with open(home.parent / "up.log", "w+b") as log:
        machine = subprocess.Popen([sys.executable, "-m", "flows.up", "--json", *words], cwd=ROOT, env=environment,
                                   stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            if not machine.stdout.readline():
                raise SystemExit(f"flows.up did not start:\n{(home.parent / 'up.log').read_text()[-2000:]}")
            return [_event(f"http://127.0.0.1:{ports[0]}/api") for _ in _quiet(ports[0], count + 1)][1:]
        finally:
            machine.terminate()
            machine.wait()


def _quiet(port, count):
    """Switch the automation off that would train after each validation, then count."""
    url = f"http://127.0.0.1:{port}/api"
    for one in _ask(f"{url}/automations/filter", {}):
        if one["name"] == DISTRACTION:
            _ask(f"{url}/automations/{one['id']}", {"enabled": False}, method="PATCH")
    return range(count)


def _event(url):
    sent = datetime.now(timezone.utc)
    _ask(f"{url}/events", [{"id": str(uuid.uuid4()), "event": EVENT, "occurred": sent.isoformat(),
                            "resource": {"prefect.resource.id": "headgate.model.tumors"}, "payload": {}}])
    run = _wait(lambda: _newest(url, sent), lambda one: one["end_time"] is not None)
    states = {one["type"]: _seconds(sent, one["timestamp"])
              for one in reversed(_ask(f"{url}/flow_run_states/?flow_run_id={run['id']}"))}
    if run["state_name"] != "Completed":
        raise SystemExit(f"the run came to {run['state_name']}: {run['state']['message']}")
    return {"triggered": states["SCHEDULED"], "taken": states["PENDING"], "running": states["RUNNING"]}


def _newest(url, since):
    found = _ask(f"{url}/flow_runs/filter", {"sort": "EXPECTED_START_TIME_DESC", "limit": 1,
                                             "deployments": {"name": {"any_": [DEPLOYMENT]}}})
    return found[0] if found and _seconds(since, found[0]["created"]) > -0.5 else None


def _wait(ask, good):
    limit = time.monotonic() + RUN_SECONDS
    while time.monotonic() < limit:
        one = ask()
        if one and good(one):
            return one
        time.sleep(0.1)
    raise SystemExit(f"no run came of the event in {RUN_SECONDS} s")


def _seconds(since, stamp):
    return (datetime.fromisoformat(stamp.replace("Z", "+00:00")) - since).total_seconds()


def _ask(url, document=None, *, method=None):
    request = urllib.request.Request(url, None if document is None else json.dumps(document).encode(),
                                     {"Content-Type": "application/json"}, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        body = answer.read()
    return json.loads(body) if body else None


def _free_ports(count):
    import socket
    from contextlib import ExitStack

    with ExitStack() as held:
        listeners = [held.enter_context(socket.socket()) for _ in range(count)]
        for one in listeners:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in listeners]


def _print_overhead(models, count):
    print(f"flows.train --force, seconds; medians of {count}, in turns\n")
    print(f"{'':<10} {'':<24} {'alone':>7} {'lowest to highest':>18} {'command':>8} {'overhead':>9} {'share':>6} "
          f"{'per task':>9}")
    for one in models:
        for side, name in SIDES.items():
            seen = one["sides"][side]
            more = "" if side == "plain" else f"{seen['overhead']:>9.2f} {seen['share']:>6.1%} " \
                                              f"{seen['per_task_ms']:>6.0f} ms"
            print(f"{one['model']:<10} {name:<24} {seen['alone']:>7.2f} {seen['lowest']:>9.2f} to "
                  f"{seen['highest']:>5.2f} {seen['whole']:>8.2f} {more}")
        print(f"{'':<10} {one['tasks']} tasks\n")


def _print_events(seen):
    print(f"from {EVENT} to the run of flows.{DEPLOYMENT} that it triggers, seconds; {len(seen)} events")
    for name, words in (("triggered", "a run is scheduled"), ("taken", "the worker takes it"), ("running", "it runs")):
        values = [one[name] for one in seen]
        print(f"{words:<22} median {median(values):>5.2f}   {min(values):.2f} to {max(values):.2f}")


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="of each side (3)")
    parser.add_argument("--models", nargs="+", default=["tumors", "flights"])
    parser.add_argument("--events", type=int, default=5, help="events to send (5)")
    parser.add_argument("--poll", type=float, default=2, help="seconds between two looks of the worker (2)")
    parser.add_argument("--parts", nargs="+", choices=("overhead", "events"), default=("overhead", "events"))
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
