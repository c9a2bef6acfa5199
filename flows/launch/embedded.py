"""Run a flow with nothing else running: a temporary Prefect API, started while heavy imports go on."""

import contextlib
import os
import socket
import subprocess
import sys
import time

from flows.launch.answers import answers, ask
from headgate.errors import HeadgateError

QUIET = {
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "true",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PREFECT_CLI_PROMPT": "false",
    "PREFECT_SHOW_NOTIFICATIONS": "false",
}
EPHEMERAL = {
    "PREFECT_UI_ENABLED": "0",
    "PREFECT__SERVER_EPHEMERAL": "1",
    "PREFECT__SERVER_FINAL": "1",
    "PREFECT_LOGGING_SERVER_LEVEL": "ERROR",
}
START_SECONDS = 120
QUEUE_SECONDS = 600


def prefect_environment(home, environment=None):
    """Return the Prefect settings of a run whose state lives under `home`; what is already set wins."""
    environment = os.environ if environment is None else environment
    wanted = dict(QUIET, PREFECT_HOME=str(home / "prefect"),
                  PREFECT_LOCAL_STORAGE_PATH=str(home / "prefect" / "results"),
                  PREFECT_LOGGING_LEVEL="CRITICAL", OMP_WAIT_POLICY="PASSIVE", PREFECT_LOGGING_EXTRA_LOGGERS="headgate",
                  PREFECT_LOGGING_TO_API_WHEN_MISSING_FLOW="ignore")
    return {name: value for name, value in wanted.items() if name not in environment}


@contextlib.contextmanager
def prefect_api(home):
    """Give the run a Prefect API: the one of PREFECT_API_URL, or a temporary one.

    Yields a function that waits until the API answers; call it after the heavy imports.
    Raises HeadgateError when no API answers in time.
    """
    os.environ.update(prefect_environment(home))
    if os.environ.get("PREFECT_API_URL"):
        yield lambda: _wait_for_named(os.environ["PREFECT_API_URL"])
        return
    (home / "prefect").mkdir(parents=True, exist_ok=True)
    lock = _startup_lock(home)
    port = _free_port()
    server = _start(port)
    os.environ["PREFECT_API_URL"] = f"http://127.0.0.1:{port}/api"
    try:
        yield lambda: _wait(server, port, lock)
    finally:
        lock.release()
        _stop(server)
        os.environ.pop("PREFECT_API_URL", None)


def _startup_lock(home):
    """Only one server at a time may create or migrate the database of this home."""
    from filelock import FileLock, Timeout

    lock = FileLock(home / "prefect" / "startup.lock")
    try:
        lock.acquire(timeout=QUEUE_SECONDS)
    except Timeout:
        raise HeadgateError("Another run has been starting its Prefect API for too long.",
                            value=f"{lock.lock_file} held for over {QUEUE_SECONDS} s",
                            remedy="End that run, or set HEADGATE_HOME to another directory.") from None
    return lock


def _free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _start(port):
    log = open(os.path.join(os.environ["PREFECT_HOME"], "server.log"), "wb")
    with log:
        return subprocess.Popen([sys.executable, "-m", "flows.launch.server", str(port)],
                                stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True,
                                env={**os.environ, **EPHEMERAL})


def _wait(server, port, lock):
    limit = time.monotonic() + START_SECONDS
    while not answers(f"http://127.0.0.1:{port}/api/health"):
        if server.poll() is not None or time.monotonic() > limit:
            raise HeadgateError("The temporary Prefect API did not start.",
                                value=f"exit code {server.poll()}",
                                remedy=f"Read {os.environ['PREFECT_HOME']}/server.log; if its database is broken, "
                                       "move that directory away and run again.")
        time.sleep(0.05)
    lock.release()


def _wait_for_named(url):
    place = url.rstrip("/") + "/health"
    if not answers(place):
        raise HeadgateError("The Prefect server of PREFECT_API_URL does not answer.", value=url,
                            remedy="Start it (prefect server start), or unset PREFECT_API_URL to run without one.")
    if ask(place) is not True:
        raise HeadgateError("PREFECT_API_URL names no Prefect server: something else answers there.", value=url,
                            limit="the address of its API, such as http://127.0.0.1:4200/api")
    _check_version()


def _check_version():
    """Raise ServerTrouble for a server that is of another version, or refuses who asks."""
    from prefect.client.orchestration import get_client

    from flows.launch.elsewhere import server_errors

    with server_errors(), get_client(sync_client=True) as client:
        client.raise_for_api_version_mismatch()


def _stop(server):
    server.stdin.close()
    try:
        server.wait(timeout=3)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
