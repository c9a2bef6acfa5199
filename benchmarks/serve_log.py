"""What is lost when the service is killed under load: answered predictions that the log lacks, and feedback.

    python benchmarks/serve_log.py                      five kills
    python benchmarks/serve_log.py --kills 1            a first look
    python benchmarks/serve_log.py --json               the figures as one JSON object on the last line

A client asks about single rows over 8 connections and batches of 10 over another, sends the true label of some of what
was answered, and reads every answer, until the service is killed (SIGKILL). It is started again, has time to bring home
what it left on disk, and then the database is compared with what was answered. Aims: the oldest prediction that is
missing was answered at most a second before the kill, and no feedback that was answered with 202 is missing. The
database is SQLite in the directory of the run, or what HEADGATE_DATABASE_URL names. Exit code 1 if an aim is missed.
"""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

if __package__ in (None, ""):       # run as a file: this folder is on the path instead of the checkout
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from benchmarks.serving.aims import at_most  # noqa: E402
from benchmarks.serving.client import Connection, keep_asking  # noqa: E402
from benchmarks.serving.model import prepare, with_rows  # noqa: E402
from benchmarks.serving.options import parse, parser  # noqa: E402
from benchmarks.serving.processes import settle  # noqa: E402
from benchmarks.serving.servers.headgate import Headgate  # noqa: E402
from benchmarks.serving.stored import stored_ids, stored_labels  # noqa: E402
from benchmarks.serving.table import print_aims  # noqa: E402

CONNECTIONS, BATCH, LABELLED = 8, 10, 20
LOST_SECONDS, HOME_SECONDS = 1.0, 15


def main(arguments=None):
    """Measure, print, and return the exit code."""
    options = _parse(arguments)
    prepared = with_rows(prepare(options.home, options.cache), options.home)
    with tempfile.TemporaryDirectory(prefix="headgate-log-") as place:
        server = Headgate(prepared, options.cache, Path(place))
        kills = [once(server, options.seconds) for _ in range(options.kills)]
    aims = [at_most("seconds before the kill that the oldest missing prediction was answered",
                    max(one["oldest"] for one in kills), LOST_SECONDS),
            at_most("feedback answered with 202 that is missing", sum(one["labels_missing"] for one in kills), 0)]
    _print(kills)
    print_aims(aims)
    if options.json:
        print(json.dumps({"kills": kills, "aims": aims}))
    return 0 if all(one["met"] for one in aims) else 1


def once(server, seconds):
    """Start, load, kill, start again; return what was answered and what is missing."""
    running = server.start()
    try:
        answers, labels, killed = asyncio.run(until_killed(server, running, seconds))
    finally:
        running.stop()
    bring_home(server)
    url = os.environ.get("HEADGATE_DATABASE_URL") or f"sqlite:///{server.home / 'headgate.db'}"
    kept, told = stored_ids(url), stored_labels(url)
    missing = [at for at, key in answers if key not in kept]
    oldest = max((killed - at for at in missing), default=0)
    return {"answered": len(answers), "missing": len(missing), "oldest": oldest, "labels": len(labels),
            "labels_missing": len(set(labels) - told)}


async def until_killed(server, running, seconds):
    """Return (pairs of moment and id of what was answered, labels answered with 202, moment of the kill)."""
    over, seen, labels = asyncio.Event(), [], []
    singles = [json.dumps(row).encode() for row in server.prepared.rows[:1000]]
    batches = [json.dumps({"instances": server.prepared.rows[start:start + BATCH]}).encode() for start in (0, BATCH)]
    load = [asyncio.create_task(work) for work in (
        keep_asking(running.url, "/predict", singles, connections=CONNECTIONS, over=over, seen=seen),
        keep_asking(running.url, "/predict/batch", batches, connections=1, over=over, seen=seen),
        tell_labels(running.url, seen, labels, over))]
    await asyncio.sleep(seconds)
    os.killpg(running.process.pid, signal.SIGKILL)
    killed = time.perf_counter()
    over.set()
    await asyncio.gather(*load)
    refused = [one for one in seen if one.status not in (0, 200)]
    if refused:
        raise SystemExit(f"{len(refused)} requests were refused, the first with {refused[0].status}: "
                         f"{refused[0].answer}")
    return [(one.at, id_of(one.answer)) for one in seen if one.status == 200], labels, killed


async def tell_labels(url, seen, labels, over):
    """Send the true label of every so many answers; append (id, row, label) to `labels` when it was answered 202."""
    connection, place = Connection(url), 0
    while not over.is_set():
        if place >= len(seen):
            await asyncio.sleep(0.001)
            continue
        one, place = seen[place], place + LABELLED
        if one.status != 200:
            continue
        answer = one.answer["predictions"][-1] if "predictions" in one.answer else one.answer
        body = {"prediction_id": answer["prediction_id"], "label": answer["prediction"]}
        if (await connection.post("/feedback", json.dumps(body).encode())).status == 202:
            labels.append((*parts_of(answer["prediction_id"]), answer["prediction"]))
    connection.close()


def id_of(answer):
    """Return the 32 hex digits that the log knows an answer by."""
    first = answer["predictions"][0] if "predictions" in answer else answer
    return parts_of(first["prediction_id"])[0]


def parts_of(prediction_id):
    """Return (32 hex digits, row) of a prediction_id."""
    _, key, *row = prediction_id.split(".")
    return key, int(row[0]) if row else 0


def bring_home(server):
    """Start the service once more until nothing waits on disk, and end it."""
    running = server.start()
    until = time.monotonic() + HOME_SECONDS
    while time.monotonic() < until and any((server.home / "spool").glob("*.jsonl")):
        time.sleep(0.2)
    settle(running)
    running.stop()


def _print(kills):
    print(f"{'answered':>10} {'missing':>8} {'oldest, s':>10} {'labels':>8} {'missing':>8}")
    for one in kills:
        print(f"{one['answered']:>10,} {one['missing']:>8,} {one['oldest']:>10.3f} {one['labels']:>8,} "
              f"{one['labels_missing']:>8,}")
    print()


def _parse(arguments):
    made = parser(__doc__)
    made.add_argument("--kills", type=int, default=5, help="how many (%(default)s)")
    made.add_argument("--seconds", type=float, default=5, help="of load before each (%(default)s)")
    return parse(made, arguments)


if __name__ == "__main__":
    sys.exit(main())
