"""Whether the versions of a state are those that its ledger tells of: the bundles it names, the champion it made."""

from headgate.bundle.roles import CHAMPION


def disagreement(kept, entries):
    """Return what the ledger tells otherwise than the versions that are `kept`, as a phrase; "" when they agree.

    kept : with version, digest and aliases each. entries : oldest first.
    """
    named = {(entry.version, entry.digest) for entry in entries}
    for one in kept:
        if (one.version, one.digest) not in named:
            return f"version {one.version} is {one.digest[:16]}, and no entry of the ledger names it so"
    told, champions = champion_of(entries), [one.version for one in kept if CHAMPION in one.aliases]
    if champions != [told] and (champions or told):
        return f"champion is {_version(', '.join(champions))}, and the ledger made it {_version(told)}"
    return ""


def champion_of(entries):
    """Return the number of the version that the ledger made champion last, or "".

    Each entry of moved aliases names them all, by numbers or by aliases as they were before it.
    """
    bearers = {}
    for entry in entries:
        moves = _moves(entry)
        bearers |= {alias: bearers.get(str(version), str(version)) if version else ""
                    for alias, version in moves.items()}
    return bearers.get(CHAMPION, "")


def _moves(entry):
    body = entry.to_dict()["body"]
    moves = body.get("moves") if isinstance(body, dict) else None
    return moves if isinstance(moves, dict) else {}


def _version(number):
    return f"version {number}" if number else "none"
