"""Whether the service is told to stop while it still starts."""

import signal


def told_to_stop():
    """True once a signal has told uvicorn to stop: it looks for that only when the start is over, and tells nobody."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return getattr(server, "should_exit", False)
