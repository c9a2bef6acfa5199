"""Ask a person at the terminal, and wait no longer than told."""

import sys
import threading

from headgate.ledger.actor import current_actor
from headgate.rollout.approval import Answer, answered, nobody

HOW = "It needs an approval, and there is no terminal to ask at. Give it with --approve, or run on a Prefect server " \
      "(PREFECT_API_URL) and resume the run in its UI."


def ask_at_terminal(status, question, seconds, *, lines=None):
    """Return the Answer of a person; without a terminal, or without an answer in time, it is a no.

    status : the spinner, which holds still meanwhile. lines : where answers come from, standard input if left out.
    """
    lines = sys.stdin if lines is None else lines
    if not lines.isatty():
        return Answer(False, "", "none", HOW)
    status.stop()
    sys.stderr.write(f"\n{question.replace('**', '').replace('`', '')}\n\nDeploy it? [y/N] ")
    sys.stderr.flush()
    heard = []
    reader = threading.Thread(target=lambda: heard.append(lines.readline()), daemon=True)
    reader.start()
    reader.join(seconds)
    if not heard:
        sys.stderr.write("\n")
    status.start()
    if not heard:
        return nobody(seconds, "terminal")
    return answered(heard[0].strip().lower() in ("y", "yes"), current_actor(), "terminal", "at the terminal")
