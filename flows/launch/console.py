"""What a person sees while a flow works: a line per finished step with the seconds so far, on standard error."""

import logging
import time
from contextlib import contextmanager


class StepLines(logging.Handler):
    """Print each message of Headgate's own loggers with the seconds since the start."""

    def __init__(self, console, status):
        super().__init__(level=logging.INFO)
        self.console, self.status, self.started = console, status, time.monotonic()

    def emit(self, record):
        seconds = time.monotonic() - self.started
        style = "yellow" if record.levelno >= logging.WARNING else None
        self.console.print(f"{seconds:6.1f} s  {record.getMessage()}", style=style, markup=False, highlight=False,
                           soft_wrap=True)


@contextmanager
def progress(title):
    """Show progress on standard error until the block ends, where that is a terminal with a spinner; yields that."""
    from rich.console import Console

    console = Console(stderr=True)
    logger = logging.getLogger("headgate")
    with console.status(title) as status:
        handler = StepLines(console, status)
        before = (logger.level, logger.propagate)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        try:
            yield status
        finally:
            logger.removeHandler(handler)
            logger.setLevel(before[0])
            logger.propagate = before[1]
