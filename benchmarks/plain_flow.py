"""Run one flow in this process, through Prefect or as plain functions: `python -m benchmarks.plain_flow SIDE MODEL`.

SIDE is plain (tasks and flow are the functions under their decorators; no Prefect API is spoken to), temporary or
server (that of PREFECT_API_URL). The last line is JSON: seconds of the flow alone, of everything, and tasks called.
"""

import contextlib
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from unittest import mock

STARTED = time.perf_counter()


class Done:
    """What a plain call came to, as a state or a future shows it."""

    name = "Completed"

    def __init__(self, value):
        self.value, self.state = value, self

    def result(self):
        return self.value


@contextlib.contextmanager
def plainly():
    """Inside of the block a task is its function; yields an object that counts the calls."""
    from prefect import Task

    counted = SimpleNamespace(tasks=0)

    def call(task, *arguments, return_state=False, **named):
        counted.tasks += 1
        value = task.fn(*arguments, **named)
        return Done(value) if return_state else value

    def submit(task, *arguments, **named):
        counted.tasks += 1
        future = pool.submit(task.fn, *arguments, **named)
        return SimpleNamespace(result=future.result, state=Done(None))

    nothing = mock.Mock()
    with ThreadPoolExecutor(4) as pool, contextlib.ExitStack() as changed:
        changed.enter_context(mock.patch.object(Task, "__call__", call))
        changed.enter_context(mock.patch.object(Task, "submit", submit))
        for place in ("tasks.artifacts.create_table_artifact", "tasks.artifacts.create_markdown_artifact",
                      "flows.train.name_run", "prefect.events.worker.EventsWorker.instance"):
            changed.enter_context(mock.patch(place, nothing))
        yield counted


def main(side, model):
    """Run `flows.train` with every step repeated."""
    from headgate.workspace import Workspace
    from tasks.run import last_summary

    home = Workspace.from_environment().home
    home.mkdir(parents=True, exist_ok=True)
    if side == "plain":
        from flows.launch.warm import warm
        warm(model)
        from flows.train import train_model
        with plainly() as counted:
            before = time.perf_counter()
            outcome = train_model.fn(model, force=True)
            seconds = time.perf_counter() - before
        summary, tasks = outcome if isinstance(outcome, dict) else {"outcome": "rejected"}, counted.tasks
    else:
        summary, seconds, tasks = _through_prefect(home, model, last_summary)
    told = {"side": side, "seconds": seconds, "whole": time.perf_counter() - STARTED, "tasks": tasks,
            "outcome": summary["outcome"], "algorithm": summary.get("algorithm"), "accuracy": summary.get("accuracy")}
    sys.stdout.write(json.dumps(told) + "\n")


def _through_prefect(home, model, last_summary):
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow

    with prefect_api(home) as ready:
        from flows.launch.warm import warm
        warm(model)
        from flows.train import train_model
        ready()
        before = time.perf_counter()
        summary = run_flow(train_model, model=model, force=True)
        return summary, time.perf_counter() - before, None


if __name__ == "__main__":
    main(*sys.argv[1:])
