"""Ask a person at the terminal, and wait no longer than told."""

import sys
import threading
import time
from contextlib import suppress

from headgate.errors import HeadgateError
from headgate.ledger.actor import current_actor
from headgate.rollout.approval import Answer, answered, nobody, overtaken

HOW = "It needs an approval, and there is no terminal to ask at. Give it with --approve, or run on a Prefect server " \
      "(PREFECT_API_URL) and resume the run in its UI."
LOOK_SECONDS = 2.0


def ask_at_terminal(status, question, seconds, moot, *, lines=None):
    """Return the Answer of a person; without a terminal, an answer in time, or a need for one it is a no.

    status : the spinner, which holds still meanwhile. moot : returns an object with a `sentence` once nobody needs to
    answer any more, else None. lines : where answers come from, standard input if left out.
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
    found = _wait(reader, seconds, moot)
    if not heard:
        sys.stderr.write("\n")
    status.start()
    if not heard:
        return overtaken(found.sentence, "terminal") if found else nobody(seconds, "terminal")
    return answered(heard[0].strip().lower() in ("y", "yes"), current_actor(), "terminal", "at the terminal")


def _wait(reader, seconds, moot):
    """Wait until somebody answered, the time is over, or the question is moot; return what `moot` told, or None."""
    limit, found = time.monotonic() + seconds, None
    while reader.is_alive() and found is None and time.monotonic() < limit:
        reader.join(max(min(LOOK_SECONDS, limit - time.monotonic()), 0))
        with suppress(HeadgateError):       # a registry that is away ends no question
            found = moot() if reader.is_alive() else None
    return found
