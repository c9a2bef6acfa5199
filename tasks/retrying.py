"""What is tried again: what a network or disk may mend, and nothing else."""

RETRIES = {"retries": 2, "retry_delay_seconds": [2, 10]}


def io_only(task, run, state):
    """True for an error of input or output that may be gone in a moment."""
    error = state.result(raise_on_failure=False)
    return isinstance(error, (OSError, TimeoutError)) and not isinstance(error, FileNotFoundError)
