"""One entry of the ledger, and whether a chain of them holds."""

import hashlib
import json
from dataclasses import asdict, dataclass

from headgate.bundle.canonical import canonical_json

GENESIS = "0" * 64


@dataclass(frozen=True)
class Entry:
    """What happened to one model.

    sequence : 1, 2, 3, ... per model.  at : ISO 8601, UTC.  version, digest : of the bundle, or "".
    body : canonical JSON text.  previous, hash : SHA-256, as hex; `hash` covers every other field.
    """

    model: str
    sequence: int
    at: str
    actor: str
    event: str
    version: str
    digest: str
    body: str
    previous: str
    hash: str = ""

    def sealed_hash(self):
        """The hash this entry must have."""
        fields = asdict(self)
        del fields["hash"]
        return hashlib.sha256(canonical_json(fields).encode()).hexdigest()

    def to_dict(self):
        """Return the entry with its body parsed."""
        return {**asdict(self), "body": json.loads(self.body)}


@dataclass(frozen=True)
class ChainCheck:
    """ok : the chain holds.  broken_at : sequence of the first entry that does not fit.  why : one sentence."""

    ok: bool
    entries: int
    broken_at: int | None = None
    why: str = ""


def check_chain(found, head):
    """Check entries in order of sequence against each other and against `head`, (sequence, hash) of the last one.

    Finds a changed field, a removed, added or reordered row, and a cut-off end.
    """
    previous = GENESIS
    for expected, entry in enumerate(found, start=1):
        why = _misfit(entry, expected, previous)
        if why:
            return ChainCheck(False, len(found), expected, why)
        previous = entry.hash
    if head != (len(found), previous):
        return ChainCheck(False, len(found), len(found) + 1,
                          f"the ledger's head is entry {head[0]}, but the last row is entry {len(found)}: "
                          "rows at the end were removed or added")
    return ChainCheck(True, len(found))


def _misfit(entry, expected, previous):
    if entry.sequence != expected:
        return f"entry {expected} is missing; the next row is entry {entry.sequence}"
    if entry.previous != previous:
        return f"entry {expected} does not follow the row before it: that one was replaced or reordered"
    if entry.sealed_hash() != entry.hash:
        return f"entry {expected} was changed after it was written"
    return ""
