"""Is the answer right? Asked before anything is measured."""

from benchmarks.serving.processes import ask

ROWS = 200


class WrongAnswer(Exception):
    """A server answers something else than the graph does."""


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
