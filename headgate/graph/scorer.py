"""Run a graph: ONNX Runtime and NumPy, nothing else."""

import os
import threading
import time
from contextlib import contextmanager

import numpy as np
import onnxruntime

from headgate.errors import GraphError
from headgate.graph.bound import MOST_TEXTS, Bound, Fed
from headgate.graph.decision import classes

__all__ = ["Scorer", "classes"]
BLOCK = 65536
LOOK_SECONDS = 0.05
FAILED = onnxruntime.capi.onnxruntime_pybind11_state.Fail
UNREADABLE = (onnxruntime.capi.onnxruntime_pybind11_state.InvalidProtobuf,
              onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
              FAILED,
              onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile,
              onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument)


def run_once(graph, columns):
    """Return the first output of a graph (bytes) for raw `columns`, of which it may need only some."""
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    feeds = {one.name: columns[one.name].reshape(-1, 1) for one in session.get_inputs()}
    return session.run(None, feeds)[0]


class _Checked:
    """What `all` needs of a session, should ONNX Runtime keep its own elsewhere one day."""

    def __init__(self, session):
        self.run = lambda outputs, feeds, options: session.run(outputs, feeds, options)


class Scorer:
    """A loaded graph; safe to use from several threads.

    source : bytes of a graph, or the path of one. threads : of one run; 0 leaves it to ONNX Runtime.
    Raises GraphError if it cannot be loaded.
    """

    def __init__(self, source, threads=1):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        model = source if isinstance(source, bytes) else os.fspath(source)
        try:
            self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        except UNREADABLE as error:
            raise GraphError("The graph cannot be loaded.", value=str(error)[:300]) from error
        # Nobody asks for the label along with the probabilities: its nodes need not run.
        self._asked_alone = onnxruntime.RunOptions()
        self._asked_alone.only_execute_path_to_fetches = True
        self._asked_together = None
        # Around this one, `run` checks the feeds in Python for as long as a small graph takes; ours are always whole.
        self._bare = getattr(self._session, "_sess", None) or _Checked(self._session)
        self._text = {one.name: one.type == "tensor(string)" for one in self._session.get_inputs()}
        self._outputs = [one.name for one in self._session.get_outputs()]

    @contextmanager
    def within(self, seconds, *, over=None, remedy=None):
        """Let the runs inside take `seconds` altogether; then even one that never ends is ended, with GraphError.

        For a Scorer that nobody else uses yet. over : Event that ends them as well. remedy : what the error says to do.
        """
        watched, done = self._asked_alone, threading.Event()
        watcher = threading.Thread(target=_end_late, args=(watched, done, seconds, over), daemon=True)
        self._asked_together = watched
        watcher.start()
        try:
            yield
        except (FAILED, GraphError) as error:
            if not watched.terminate:
                raise
            raise GraphError("The graph is too slow: it was stopped.", limit=f"{seconds:g} s", remedy=remedy) from error
        finally:
            done.set()
            watcher.join()
            watched.terminate, self._asked_together = False, None

    @property
    def names(self):
        """Names of the raw columns, in order."""
        return tuple(self._text)

    def is_text(self, name):
        """True for a raw column that is given as text."""
        return self._text[name]

    def probabilities(self, columns):
        """Return (n, k) float64 for raw `columns`: dict of float64 or object (text) arrays (n,)."""
        return self._run(columns, 0).astype(np.float64)

    def alone(self, numbers, texts, classes):
        """Return what scores one row at a time, for one thread: a Bound, or a Fed where there are too many texts."""
        if sum(map(len, texts.values())) > MOST_TEXTS or not hasattr(self._session, "_sess"):
            return Fed(lambda feeds: self.all(feeds)[0], numbers, texts)
        return Bound(self._session, self._asked_alone, numbers, texts, classes)

    def all(self, feeds):
        """Return the probabilities of every row of `feeds`, column -> (n, 1) array, ready as it is: n lists."""
        return self._bare.run(self._outputs[:1], feeds, self._asked_alone)[0].tolist()

    def labels(self, columns):
        """Return (n,) int64, the class after the threshold that the graph was built with."""
        return self._run(columns, 1)

    def _run(self, columns, output):
        feeds = self._feeds(columns)
        rows = len(next(iter(feeds.values())))
        if rows <= BLOCK:
            return self._session.run([self._outputs[output]], feeds, self._asked_together)[0]
        blocks = [{name: values[start:start + BLOCK] for name, values in feeds.items()}
                  for start in range(0, rows, BLOCK)]
        return np.concatenate([self._session.run([self._outputs[output]], block, self._asked_together)[0]
                               for block in blocks])

    def _feeds(self, columns):
        try:
            return {name: np.asarray(columns[name], dtype=object if text else np.float64).reshape(-1, 1)
                    for name, text in self._text.items()}
        except KeyError as error:
            raise GraphError(f"The model needs the column {error.args[0]!r}.", limit=", ".join(self._text)) from None


def _end_late(options, done, seconds, over):
    until = time.monotonic() + seconds
    while not done.wait(LOOK_SECONDS):
        if time.monotonic() >= until or over is not None and over.is_set():
            options.terminate = True
            return
