"""The temporary Prefect API of one run: `python -m flows.launch.server PORT`.

It serves until its standard input closes, which the operating system sees to when the parent ends in whatever way,
so that a killed run leaves no server behind.
"""

import os
import sys
import threading


def _end_with_parent(server):
    sys.stdin.buffer.read()
    server.should_exit = True
    timer = threading.Timer(5.0, os._exit, args=(0,))
    timer.daemon = True
    timer.start()


def main(port):
    """Serve Prefect's API on 127.0.0.1:`port`."""
    import uvicorn

    config = uvicorn.Config("prefect.server.api.server:create_app", factory=True, host="127.0.0.1",
                            port=port, log_level="error", lifespan="on", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)     # everything is written; the interpreter would take seconds to take itself apart


if __name__ == "__main__":
    main(int(sys.argv[1]))
