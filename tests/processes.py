"""Processes that tests look at; each may end while it is looked at, which is no error but an answer."""

import psutil


def words_of(process):
    """Return the command line of a process, or nothing if it has ended."""
    try:
        return process.cmdline()
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []


def runs(process):
    """True while a process runs; one that only waits to be reaped has ended."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def started_by(pid, word="", *, recursive=True):
    """Return those that run of the processes that a process started, and they in turn, with a word in their command.

    Nothing if the process itself has ended.
    """
    try:
        family = psutil.Process(pid).children(recursive=recursive)
    except psutil.NoSuchProcess:
        return []
    return [one for one in family if runs(one) and (not word or word in " ".join(words_of(one)))]
