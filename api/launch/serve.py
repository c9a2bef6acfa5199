"""Run uvicorn with as many workers as asked."""

import os
import shutil
import signal
import socket
import sys
import tempfile

from api.keys import read_keys
from api.logs import set_up
from api.sources.choose import choose_source
from headgate.errors import HeadgateError
from headgate.workspace import Workspace


def serve(settings):
    """Serve until told to stop. Raises HeadgateError for what cannot work, before anything is started."""
    choose_source(settings, Workspace.from_environment())
    if settings.keys_file is not None:
        read_keys(settings.keys_file)
    if os.environ.get("HEADGATE_DATABASE_URL"):
        from headgate.database import check_url
        check_url(os.environ["HEADGATE_DATABASE_URL"])
    _check_port(settings)
    for name in (signal.SIGTERM, signal.SIGINT):     # uvicorn stops in good order, and then raises the signal again
        signal.signal(name, lambda *_: sys.exit(0))
    set_up(settings.log_level)
    shared = _share_metrics() if settings.workers > 1 else None
    try:
        _run(settings)
    finally:
        if shared:
            shutil.rmtree(shared, ignore_errors=True)


def _run(settings):
    import uvicorn

    from api.launch.protocol import Protocol
    from api.launch.workers import run_workers
    run = run_workers if settings.workers > 1 else uvicorn.run
    run("api.launch.worker:make", factory=True, host=settings.host, port=settings.port,
        workers=settings.workers, access_log=False, log_config=None, server_header=False, date_header=False,
        proxy_headers=False, timeout_graceful_shutdown=settings.shutdown_seconds, timeout_keep_alive=75,
        lifespan="on", http=Protocol, ws="none")


def _check_port(settings):
    """Raise HeadgateError when nothing can listen there; uvicorn itself would end with 1 and a line of its own."""
    try:
        family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
        with socket.socket(family) as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.host, settings.port))
    except OSError as error:
        raise HeadgateError(f"The service cannot listen on {settings.host}:{settings.port}.", value=error.strerror,
                            remedy="Name another one with --host and --port.") from None


def _share_metrics():
    """Let the workers count in files that each of them can read together."""
    folder = tempfile.mkdtemp(prefix="headgate-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = folder
    return folder
