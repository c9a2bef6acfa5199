"""Run a command that ends with whoever started it: `python -m headgate.rollout.minder COMMAND...`.

It runs until standard input closes, which the operating system sees to when its parent ends in whatever way.
"""

import subprocess
import sys
import threading

SECONDS = 5


def main(command):
    """Run `command`; end it when standard input closes, and return its exit code."""
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    threading.Thread(target=_end_with_parent, args=(child,), daemon=True).start()
    return child.wait()


def _end_with_parent(child):
    sys.stdin.buffer.read()
    child.terminate()
    try:
        child.wait(SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
