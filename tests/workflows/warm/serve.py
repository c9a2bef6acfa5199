"""A Python that has imported the libraries already: `python serve.py SOCKET` forks itself for each command it is asked.

What of the project is run is imported anew in each fork, from the folder the command runs in; only third-party
modules are there beforehand, and of those none that reads its settings (prefect) or starts a thread (onnxruntime)
while it is imported; pyarrow's allocator is told to start none (conftest.py). A fork ends as an interpreter does, but
for what libraries in C do behind its last line; its exit code is what is answered. Ends when its standard input closes.
"""

import array
import atexit
import contextlib
import faulthandler
import gc
import importlib
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback

FDS, HEADER = 3, 8
HUNG = 400      # seconds after which a fork says where it is
LIBRARIES = """
    numpy pandas pyarrow pyarrow.parquet pydantic pydantic_settings yaml typer rich.console rich.table rich.progress
    sqlalchemy alembic.command filelock fsspec jinja2 httpx anyio fastapi starlette uvicorn orjson whenever
    sklearn.ensemble sklearn.linear_model sklearn.neural_network sklearn.model_selection sklearn.pipeline xgboost
    onnx skl2onnx onnxmltools great_expectations mlflow mlflow.onnx mlflow.store.tracking.sqlalchemy_store
    mlflow.store.model_registry.sqlalchemy_store mlflow.store.artifact.local_artifact_repo
    mlflow.utils.requirements_utils great_expectations.expectations matplotlib.figure
    matplotlib.backends.backend_agg apprise opentelemetry jsonschema websockets cryptography.x509 graphviz docker
    dateutil.rrule asyncpg aiosqlite psutil griffe jinja2_humanize_extension humanize pluggy toml prometheus_client
    ruamel.yaml sniffio exceptiongroup asgi_lifespan pathspec httpcore pendulum amplitude h2.connection h11
    docker.errors dateparser coolname jsonpatch cachetools
""".split()
WHEN_ASKED = {"flows.retrain": ("evidently", "evidently.presets"), "flows.drift": ("evidently", "evidently.presets")}


def main(place):
    """Serve until standard input closes; returns only in a fork, with the words of its command."""
    load(LIBRARIES)
    sys.modules["sqlalchemy.orm"].configure_mappers()
    sys.modules["mlflow.utils.requirements_utils"]._init_modules_to_packages_map()      # which packages are installed
    gc.collect()
    gc.freeze()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(place)
    listener.listen(64)
    return Serving(listener).loop()


def load(names):
    """Import the modules; which of them there are differs from one set of versions to the next."""
    for name in names:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)


class Serving:
    """waiting : pid of a fork -> the connection that waits for its end."""

    def __init__(self, listener):
        self.listener, self.waiting, self.selector = listener, {}, selectors.DefaultSelector()
        self.told, self.wakes = os.pipe()
        for end in (self.told, self.wakes):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wakes)
        for one in (listener, self.told, 0):
            self.selector.register(one, selectors.EVENT_READ)

    def loop(self):
        while True:
            for key, _ in self.selector.select():
                if key.fileobj is self.listener:
                    words = self.start(self.listener.accept()[0])
                    if words:
                        return words
                elif key.fileobj == 0:
                    os._exit(0)
                elif key.fileobj == self.told:
                    os.read(self.told, 4096)
                    self.reap()
                else:
                    self.leave(key.fileobj)

    def start(self, connection):
        """Fork for one command; returns its words in the fork, nothing here."""
        asked, fds = read_request(connection)
        load(WHEN_ASKED.get(asked["words"][0], ()))
        pid = os.fork()
        if pid == 0:
            self.let_go(connection)
            become(asked, fds)
            return asked["words"]
        for fd in fds:
            os.close(fd)
        self.waiting[pid] = connection
        self.selector.register(connection, selectors.EVENT_READ)

    def let_go(self, *connections):
        """Close in a fork what is this process's own; what libraries opened while they were imported stays theirs."""
        self.selector.close()
        for one in (self.listener, *self.waiting.values(), *connections):
            one.close()
        signal.set_wakeup_fd(-1)
        os.close(self.told)
        os.close(self.wakes)

    def leave(self, connection):
        """Who asked is gone: end what was started."""
        for pid, one in self.waiting.items():
            if one is connection:
                self.selector.unregister(connection)
                os.kill(pid, signal.SIGTERM)

    def reap(self):
        """Answer with the exit code of every fork that has ended."""
        with contextlib.suppress(ChildProcessError):
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if not pid:
                    return
                connection, code = self.waiting.pop(pid), os.waitstatus_to_exitcode(status)
                with contextlib.suppress(KeyError):
                    self.selector.unregister(connection)
                with contextlib.suppress(OSError):
                    connection.sendall(str(code if code >= 0 else 128 - code).encode())
                connection.close()


def read_request(connection):
    """Return ({"words", "cwd", "environment", "umask"}, the three file descriptors)."""
    size = array.array("i").itemsize
    head, ancillary, _, _ = connection.recvmsg(HEADER, socket.CMSG_SPACE(FDS * size))
    fds = array.array("i")
    for _, _, data in ancillary:
        fds.frombytes(data)
    parts, left = [], int(head, 16)
    while left:
        parts.append(connection.recv(left))
        left -= len(parts[-1])
    return json.loads(b"".join(parts)), list(fds)


def become(asked, fds):
    """Make this fork the process of the command."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, fd in enumerate(fds):
        os.dup2(fd, number)
    for fd in fds:
        os.close(fd)
    os.chdir(asked["cwd"])
    os.umask(asked["umask"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.path[0] = asked["cwd"]
    sys.argv = ["-m", *asked["words"][1:]]
    faulthandler.dump_traceback_later(HUNG)


def run(module):
    """Run a module as `python -m` does; return its exit code."""
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(f"{end.code}\n")
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    _words = main(sys.argv[1])
    _code = run(_words[0])
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    os._exit(_code)
