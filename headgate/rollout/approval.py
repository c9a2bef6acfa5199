"""The answer of a person who was asked whether a version goes to production."""

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from headgate.ledger.actor import current_actor

_ask = ContextVar("ask", default=None)


@dataclass(frozen=True)
class Answer:
    """yes : or no. by : who said so, or "". how : in which way. sentence : in words. reason : that was given, or ""."""

    yes: bool
    by: str
    how: str
    sentence: str
    reason: str = ""


@contextmanager
def asked_here(ask):
    """Let `ask(question, seconds, moot)` give the Answer, where no Prefect server could.

    moot : returns an object with a `sentence` once nobody needs to answer any more, and None until then.
    """
    token = _ask.set(ask)
    try:
        yield
    finally:
        _ask.reset(token)


def who_is_asked():
    """Return the function of `asked_here`, or None."""
    return _ask.get()


def given_beforehand():
    """Return the Answer of whoever runs the command with --approve."""
    return Answer(True, current_actor(), "--approve", f"Approved with --approve by {current_actor()}.")


def nobody(seconds, how):
    """Return the Answer when none came in time."""
    return Answer(False, "", how, f"Nobody approved it within {seconds:g} s.")


def overtaken(sentence, how):
    """Return the Answer to a question that nobody needs to answer any more. sentence : why."""
    return Answer(False, "", how, sentence)


def answered(yes, by, how, where, reason=""):
    """Return the Answer that somebody gave."""
    who, word = by or "somebody who did not say who", "Approved" if yes else "Not approved"
    return Answer(yes, by, how, f"{word} {where} by {who}{f': {reason}' if reason else '.'}", reason)
