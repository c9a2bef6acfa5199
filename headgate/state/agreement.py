"""Whether the versions of a state are those that its ledger tells of: bundles, champion, and the one before it."""

from headgate.bundle.roles import CHAMPION, PREVIOUS
from headgate.ledger.bearers import bearers_of


def disagreement(kept, entries):
    """Return what the ledger tells otherwise than the versions that are `kept`, as a phrase; "" when they agree.

    kept : with version, digest and aliases each. entries : oldest first.
    """
    named = {(entry.version, entry.digest) for entry in entries}
    for one in kept:
        if (one.version, one.digest) not in named:
            return f"version {one.version} is {one.digest[:16]}, and no entry of the ledger names it so"
    bearers = bearers_of(entries)
    for alias in (CHAMPION, PREVIOUS):
        told, found = bearers.get(alias, ""), [one.version for one in kept if alias in one.aliases]
        if found != [told] and (found or told):
            return f"{alias} is {_version(', '.join(found))}, and the ledger made it {_version(told)}"
    return ""


def _version(number):
    return f"version {number}" if number else "none"
