"""Who survives a kill: worker, production and the flow itself are killed at each step of a deployment.

    python benchmarks/kill_deploy.py                              all three at every step, about half an hour
    python benchmarks/kill_deploy.py --who flow --at approved     a first look
    python benchmarks/kill_deploy.py --json                       the figures as one JSON object on the last line

A deployment of the second version of penguins runs while callers ask production without a pause and somebody looks at
the registry all the time. When the ledger says that a step was taken (and a moment later), one of them is killed with
SIGKILL: `flow` is the command, `worker` is a worker of a Prefect server with all that runs under it, and `production`
is the only service there is, which is started again at once. A deployment that was killed is then run again, to its
end. Aims: at any moment exactly one champion, in the end that which the deployment says, a ledger whose chain holds,
nothing that runs on, and no request that failed while a server was there to answer it. Exit code 1 if an aim is missed.
"""

import json
import sys
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

if __package__ in (None, ""):       # run as a file: this folder is on the path instead of the checkout
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.killing.deployments import Command, Run, running_server  # noqa: E402
from benchmarks.killing.home import a_row, chain_holds, champions, copy_of, events, prepare  # noqa: E402
from benchmarks.killing.production import calling, serving  # noqa: E402
from benchmarks.serving.options import names_of, parse, parser  # noqa: E402

WHO = ("flow", "production", "worker")
AT = {"began": "deployment began", "staged": "deployment staged", "approved": "deployment approved",
      "promotes": "deployment promotes", "promoted": "promoted", "verified": "deployment verified"}
LATER = (0.0, 0.4, 0.8)
LOOK, STEP_SECONDS, GONE_SECONDS = 0.002, 120, 15
FINISHED = {"deployed": "2", "unchanged": "2", "rolled_back": "1"}


def main(arguments=None):
    """Kill, print, and return the exit code."""
    options = _parse(arguments)
    place, found = prepare(options.cache), []
    row = a_row(place)
    print(f"{'killed':>10} {'at':>10} {'later':>6} {'first run':>11} {'champion':>9} {'last run':>11} {'champion':>9} "
          f"{'answered':>9} {'failed':>7} {'in outage':>9}  what is wrong")
    for who in options.who:
        for at in options.at:
            for later in options.later:
                found.append(once(place, row, who, at, later))
                _print(found[-1])
    wrong = sum(bool(one["wrong"]) for one in found)
    print(f"\n{len(found)} kills, {wrong} with something wrong")
    if options.json:
        print(json.dumps({"kills": found, "wrong": wrong}))
    return 1 if wrong else 0


def once(place, row, who, at, later):
    """Deploy, kill, deploy again; return what came of it."""
    with tempfile.TemporaryDirectory(prefix="headgate-kill-") as folder:
        home = copy_of(place, Path(folder) / "state")
        before = len(events(home))
        with serving(place, home) as production, \
                (running_server(place, home) if who == "worker" else nullcontext()) as server, \
                calling(production, home, row) as callers:
            first = Run(server, home, production.url) if server else Command(place, home, production.url)
            reached = _wait_for(home, AT[at], before, first)
            time.sleep(later)
            (production if who == "production" else first).kill()
            outcome, then = first.outcome(), champions(home)
            last = outcome if outcome in FINISHED else _again(place, home, production, server)
            left = _left_behind(home, {*production.processes(), *(server.processes() if server else ())})
        failed = callers.blamed(production.outages)
        kill = {"who": who, "at": at, "later": later, "first": outcome, "then": then, "last": last,
                "champion": champions(home), "answered": callers.asked, "failed": len(failed),
                "in_outage": len(callers.failed) - len(failed)}
        return {**kill, "wrong": _wrong(kill, reached, callers, failed, left, chain_holds(place, home))}


def _again(place, home, production, server):
    if server is None:
        return Command(place, home, production.url).outcome()
    server.start_worker()
    return Run(server, home, production.url).outcome()


def _wait_for(home, event, before, first):
    """Return True once the ledger has the event; False when the deployment ended without."""
    limit = time.monotonic() + STEP_SECONDS
    while time.monotonic() < limit:
        if event in events(home)[before:]:
            return True
        time.sleep(LOOK)
    return False


def _left_behind(home, wanted):
    """Return the processes that still work on the state in `home` although nobody runs them any more."""
    limit = time.monotonic() + GONE_SECONDS
    while True:
        found = [one.name for one in Path("/proc").iterdir() if one.name.isdigit() and int(one.name) not in wanted
                 and _works_on(one, home)]
        if not found or time.monotonic() > limit:
            return found
        time.sleep(0.1)


def _works_on(process, home):
    try:
        return f"HEADGATE_HOME={home}".encode() in (process / "environ").read_bytes()
    except OSError:
        return False


def _wrong(kill, reached, callers, failed, left, chain):
    """Return what is not as it must be, in words."""
    several = [one for one in callers.champions if len(one) != 1]
    said = [(not reached, "the step was never reached"), (several, f"champions at once: {several}"),
            (kill["champion"] != [FINISHED.get(kill["last"])], f"the champion is {kill['champion']}"),
            (failed, f"failed: {sorted({str(one[2]) for one in failed})}"), (not chain, "the ledger's chain is broken"),
            (left, f"runs on: {left}"), (not kill["answered"], "nobody was answered")]
    return "; ".join(text for true, text in said if true)


def _print(one):
    print(f"{one['who']:>10} {one['at']:>10} {one['later']:>6.1f} {one['first']:>11} {','.join(one['then']):>9} "
          f"{one['last']:>11} {','.join(one['champion']):>9} {one['answered']:>9,} {one['failed']:>7} "
          f"{one['in_outage']:>9}  {one['wrong']}", flush=True)


def _parse(arguments):
    made = parser(__doc__)
    made.add_argument("--who", type=names_of(WHO), default=list(WHO), help="flow, production, worker (all)")
    made.add_argument("--at", type=names_of(AT), default=list(AT), help=f"{', '.join(AT)} (all)")
    made.add_argument("--later", type=lambda text: [float(one) for one in text.split(",")], default=list(LATER),
                      help="seconds after that step (0,0.4,0.8)")
    return parse(made, arguments)


if __name__ == "__main__":
    sys.exit(main())
