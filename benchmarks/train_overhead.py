"""What Headgate costs on top of the libraries it calls: training flights with it and without it.

    python benchmarks/train_overhead.py                the whole comparison, some minutes
    python benchmarks/train_overhead.py --runs 1       a first look
    python benchmarks/train_overhead.py --stages       also the seconds of every stage of one run of either
    python benchmarks/train_overhead.py --json         the figures as one JSON object on the last line

Three commands take turns, so that a busy moment of the machine meets all of them: benchmarks.bare_train, which does
the same work without Headgate; `python -m flows.train --model flights --force` with its temporary Prefect API; and the
same against a running Prefect server, whose memory is not counted. Databases are there before the clock starts; the
first run of all is given apart. Exit code 1 if an aim is missed.
"""

import argparse
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

try:
    from benchmarks.measure import median, python
except ModuleNotFoundError:     # run as a file: this folder is on the path instead of the checkout
    from measure import median, python

TRAIN = ("-m", "flows.train", "--model", "flights", "--force", "--json")
BARE = ("-m", "benchmarks.bare_train")
AIMS = {"embedded": 1.25, "server": 1.10, "memory": 1.30}
FIRST_RUN = 60.0
QUIET = {"OMP_WAIT_POLICY": "PASSIVE", "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true"}
SERVER_SECONDS = 120
NAMES = {"bare": "bare script", "embedded": "Headgate, temporary Prefect API",
         "server": "Headgate, running Prefect server"}


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    with tempfile.TemporaryDirectory(prefix="headgate-overhead-") as place:
        first, runs = measure(Path(place), options.runs, "server" in options.sides)
    figures = summarise(first, runs)
    _print(figures)
    if options.stages:
        _print_stages(runs)
    if options.json:
        print(json.dumps(figures))
    return 0 if all(aim["met"] for aim in figures["aims"]) else 1


def measure(place, count, with_server):
    """Return (first run of Headgate, side -> its runs), run in turns."""
    sides = ("bare", "embedded", "server") if with_server else ("bare", "embedded")
    with running_server(place / "prefect") if with_server else contextlib.nullcontext() as url:
        first = once("embedded", place, url)
        once("bare", place, url)
        runs = {side: [] for side in sides}
        for _ in range(count):
            for side in sides:
                runs[side].append(once(side, place, url))
    check_same_work(runs)
    return first, runs


def once(side, place, url):
    """Run one side once; SystemExit with its output when it does not come to an end."""
    environment = {**QUIET, "HEADGATE_HOME": str(place / "headgate"), "MPLCONFIGDIR": str(place / "matplotlib")}
    if side == "server":
        environment["PREFECT_API_URL"] = url
    elif "PREFECT_API_URL" in os.environ:
        raise SystemExit("Unset PREFECT_API_URL: this command starts its own server.")
    command = (*BARE, "--home", place / "bare") if side == "bare" else TRAIN
    done = python(*command, environment=environment)
    if done.code:
        raise SystemExit(f"{NAMES[side]} ended with {done.code}:\n{done.output}\n{done.errors}")
    return done


@contextlib.contextmanager
def running_server(home):
    """Yield the API's URL of a Prefect server of its own that answers already."""
    home.mkdir()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    environment = {**os.environ, **QUIET, "PREFECT_HOME": str(home), "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                   "PREFECT_UI_ENABLED": "0"}
    with open(home / "server.log", "wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1",
                                   "--port", str(port)], stdout=log, stderr=log, env=environment)
    try:
        _wait(f"http://127.0.0.1:{port}/api", server, home / "server.log")
        yield f"http://127.0.0.1:{port}/api"
    finally:
        server.terminate()
        server.wait()


def _wait(url, server, log):
    limit = time.monotonic() + SERVER_SECONDS
    while time.monotonic() < limit and server.poll() is None:
        with contextlib.suppress(OSError, urllib.error.URLError):
            if urllib.request.urlopen(f"{url}/health", timeout=5).status == 200:
                return
        time.sleep(0.1)
    raise SystemExit(f"The Prefect server did not start:\n{log.read_text()[-2000:]}")


def check_same_work(runs):
    """Stop unless both sides chose the same algorithm and are as accurate: else they did not do the same work."""
    bare, ours = (json.loads(runs[side][0].output.splitlines()[-1]) for side in ("bare", "embedded"))
    if bare["algorithm"] != ours["algorithm"] or abs(bare["accuracy"] - ours["accuracy"]) > 0.002:
        raise SystemExit(f"not the same work: {bare['algorithm']} {bare['accuracy']:.4f} bare, {ours['algorithm']} "
                         f"{ours['accuracy']:.4f} with Headgate. Bring benchmarks/bare_train up to date.")


def summarise(first, runs):
    """Return every figure and every aim as plain values."""
    sides = {side: {"seconds": median([one.seconds for one in done]), "lowest": min(one.seconds for one in done),
                    "highest": max(one.seconds for one in done),
                    "processor": median([one.processor for one in done]),
                    "megabytes": median([one.megabytes for one in done]),
                    "alone": median([one.alone for one in done])} for side, done in runs.items()}
    aims = [_aim(f"wall time, {NAMES[side]}", sides[side]["seconds"] / sides["bare"]["seconds"], AIMS[side])
            for side in sides if side != "bare"]
    aims += [_aim(f"peak memory, {NAMES[side]}", sides[side]["megabytes"] / sides["bare"]["megabytes"], AIMS["memory"])
             for side in sides if side != "bare"]
    aims.append(_aim("first run on an empty home, seconds", first.seconds, FIRST_RUN))
    return {"runs": len(runs["bare"]), "first": first.seconds, "sides": sides, "aims": aims}


def _aim(name, seen, limit):
    return {"aim": name, "limit": limit, "seen": seen, "met": seen <= limit}


def _print(figures):
    sides = figures["sides"]
    bare = sides["bare"]
    print(f"flights, default algorithms; medians of {figures['runs']}, run in turns\n")
    print(f"{'':<34} {'seconds':>8} {'lowest to highest':>18} {'processor':>10} {'ratio':>6} {'MB':>6} {'ratio':>6}")
    for side, one in sides.items():
        print(f"{NAMES[side]:<34} {one['seconds']:>8.1f} {one['lowest']:>9.1f} to {one['highest']:>5.1f} "
              f"{one['processor']:>10.1f} {one['seconds'] / bare['seconds']:>6.2f} {one['megabytes']:>6.0f} "
              f"{one['megabytes'] / bare['megabytes']:>6.2f}")
    alone = sides["embedded"]["alone"]
    print(f"\nwithout its temporary Prefect API, Headgate's own process takes {alone:.0f} MB "
          f"({alone / bare['alone']:.2f} times the bare script)\n")
    for aim in figures["aims"]:
        print(f"{'met   ' if aim['met'] else 'MISSED'}  {aim['aim']}: at most {aim['limit']:g}, seen {aim['seen']:.2f}")


def _print_stages(runs):
    print("\nbare script, last run:")
    for name, seconds in json.loads(runs["bare"][-1].output.splitlines()[-1])["stages"].items():
        print(f"{seconds:>8.1f} s  {name}")
    print("\nHeadgate with a temporary Prefect API, last run (seconds since its start):")
    print("\n".join(line for line in runs["embedded"][-1].errors.splitlines() if " s  " in line))


def _parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5, help="of each command (5)")
    parser.add_argument("--sides", nargs="+", choices=("embedded", "server"), default=("embedded", "server"),
                        help="leave out the running server with `--sides embedded`")
    parser.add_argument("--stages", action="store_true", help="seconds of every stage too")
    parser.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
