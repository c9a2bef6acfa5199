"""Run a module that does not outlive who started it: `python -m flows.machine.leash MODULE ARGUMENTS...`.

Its standard input closes when the parent ends in whatever way; then it ends with everything that it started.
"""

import os
import runpy
import signal
import sys
import threading
import time

from flows.machine import processes

SECONDS = 5.0


def main(words):
    """Run the module `words[0]` as a program."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.argv = list(words)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


def _end_with_parent():
    while os.read(0, 4096):
        continue
    members = processes.below(os.getpid())
    processes.end(members, seconds=SECONDS)
    if not processes.WINDOWS:       # there it would end alone, without what it started
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(SECONDS)
    processes.kill_tree(os.getpid())


if __name__ == "__main__":
    main(sys.argv[1:])
