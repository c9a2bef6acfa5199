"""Which version bears which alias, as the entries of a ledger tell it."""


def bearers_of(entries):
    """Return {alias: number of the version that the ledger gave it last, or ""}. entries : oldest first.

    Each entry of moved aliases names them all, by numbers or by aliases as they were before it.
    """
    bearers = {}
    for entry in entries:
        moves = _moves(entry)
        bearers |= {alias: bearers.get(str(version), str(version)) if version else ""
                    for alias, version in moves.items()}
    return bearers


def _moves(entry):
    body = entry.to_dict()["body"]
    moves = body.get("moves") if isinstance(body, dict) else None
    return moves if isinstance(moves, dict) else {}
