"""Is the answer right? Asked before anything is measured."""

import contextlib
import time

from benchmarks.serving.processes import NotStarted, ask

ROWS, PATIENCE = 200, 120


class WrongAnswer(Exception):
    """A server answers something else than the graph does."""


def first_answer(server, running):
    """Ask about one row until the answer is right; return the seconds since the start of the process.

    Raises NotStarted, having ended the process, when it is not right within two minutes.
    """
    url, body = running.url + server.paths["single"], server.body("single", server.prepared.rows[:1])
    while running.process.poll() is None and time.perf_counter() - running.started < PATIENCE:
        with contextlib.suppress(OSError):
            answered = server.probabilities("single", ask(url, body, running.headers))
            seconds = time.perf_counter() - running.started
            if abs(answered[0] - server.prepared.expected[0]) <= server.tolerance:
                return seconds
        time.sleep(0.01)
    running.stop()
    raise NotStarted(f"{server.label} gave no right answer:\n{running.end_of_log()}")


def check(server, running):
    """Ask `server` about the same rows in every shape that it takes; raise WrongAnswer naming what differs."""
    for shape, path in server.paths.items():
        count = 1 if shape == "single" else ROWS
        rows, expected = server.prepared.rows[:count], server.prepared.expected[:count]
        answered = server.probabilities(shape, ask(running.url + path, server.body(shape, rows), running.headers))
        if answered is None:
            continue
        if len(answered) != count:
            raise WrongAnswer(f"{server.label}, {shape}: {len(answered)} answers for {count} rows.")
        furthest = max(abs(one - other) for one, other in zip(answered, expected))
        if not furthest <= server.tolerance:
            raise WrongAnswer(f"{server.label}, {shape}: a probability is off by {furthest:.4f}, at most "
                              f"{server.tolerance} may be.")
