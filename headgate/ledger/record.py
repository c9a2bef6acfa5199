"""Append to the ledger, read it, and check its chain."""

import time
from contextlib import contextmanager
from datetime import datetime, timezone

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from headgate.bundle.canonical import canonical_json
from headgate.database import transaction
from headgate.database.tables import heads, ledger
from headgate.errors import StorageError
from headgate.ledger.actor import current_actor
from headgate.ledger.entry import GENESIS, ChainCheck, Entry, check_chain

_ATTEMPTS = 50


def append(workspace, model, event, *, body=None, version="", digest="", actor=None, at=None):
    """Write one entry behind the model's last one and return it.

    body : anything JSON can hold.  at : datetime with a zone; now by default.
    Raises StorageError when the database is away, full, locked or not writable.
    """
    draft = _draft(model, event, body, version, digest, actor, at)
    for attempt in range(_ATTEMPTS):
        try:
            with transaction(workspace, write=True) as connection:
                return _append(connection, draft)
        except IntegrityError:
            time.sleep(0.002 * attempt)
    raise StorageError(f"The ledger of {model!r} has too many writers at once.", value=f"{_ATTEMPTS} attempts")


@contextmanager
def written_with(workspace, model, event, *, body=None, version="", digest="", actor=None):
    """Yield the entry of what is done inside the block, and keep it only if the block ends well.

    So nothing is done that cannot be written down, and nothing is written down that was not done.
    Raises StorageError before the block begins when the database is away, full, locked or not writable.
    """
    draft = _draft(model, event, body, version, digest, actor, None)
    try:
        with transaction(workspace, write=True) as connection:
            yield _append(connection, draft)
    except IntegrityError as error:
        raise StorageError(f"The ledger of {model!r} has too many writers at once.",
                           remedy="Run the same command again.") from error


def _draft(model, event, body, version, digest, actor, at):
    at = (at or datetime.now(timezone.utc)).astimezone(timezone.utc).isoformat(timespec="microseconds")
    return {"model": model, "at": at, "actor": _in_unicode(actor or current_actor()), "event": event,
            "version": str(version), "digest": digest, "body": _in_unicode(canonical_json(body or {}))}


def _in_unicode(text):
    """Return text that any database takes: a byte of a command line that was no UTF-8 becomes a question mark."""
    return text.encode("utf-8", "replace").decode("utf-8")


def restore(workspace, model, found):
    """Write the entries of a ledger that was kept elsewhere, as they are, where there are none of this model.

    Their chain was verified. Raises StorageError when there are some already.
    """
    if not found:
        return
    try:
        with transaction(workspace, write=True) as connection:
            connection.execute(ledger.insert(), [vars(entry) for entry in found])
            connection.execute(heads.insert().values(model=model, sequence=found[-1].sequence, hash=found[-1].hash))
    except IntegrityError as error:
        raise StorageError(f"There is a ledger of {model!r} here already.") from error


def entries(workspace, model, *, version=None):
    """Return the model's entries, oldest first; of one version only when `version` is given."""
    with transaction(workspace) as connection:
        found = _read(connection, model)
    return tuple(entry for entry in found if version is None or entry.version == str(version))


def verify_chain(workspace, model):
    """Return a ChainCheck of the model's ledger: whether, where and why its chain is broken."""
    with transaction(workspace) as connection:
        found, head = _read(connection, model), _head(connection, model)
    if not found and head is None:
        return ChainCheck(True, 0)
    return check_chain(found, head or (0, GENESIS))


def models(workspace):
    """Return the names of the models that have a ledger, sorted."""
    with transaction(workspace) as connection:
        return tuple(connection.execute(select(ledger.c.model).distinct().order_by(ledger.c.model)).scalars())


def _append(connection, draft):
    head = _head(connection, draft["model"], for_update=True)
    sequence, previous = head or (0, GENESIS)
    entry = Entry(sequence=sequence + 1, previous=previous, **draft)
    entry = Entry(**{**vars(entry), "hash": entry.sealed_hash()})
    connection.execute(ledger.insert().values(**vars(entry)))
    if head is None:
        connection.execute(heads.insert().values(model=entry.model, sequence=entry.sequence, hash=entry.hash))
    else:
        connection.execute(update(heads).where(heads.c.model == entry.model)
                           .values(sequence=entry.sequence, hash=entry.hash))
    return entry


def _head(connection, model, *, for_update=False):
    query = select(heads.c.sequence, heads.c.hash).where(heads.c.model == model)
    row = connection.execute(query.with_for_update() if for_update else query).first()
    return None if row is None else (row.sequence, row.hash)


def _read(connection, model):
    rows = connection.execute(select(ledger).where(ledger.c.model == model).order_by(ledger.c.sequence))
    return tuple(Entry(**row._mapping) for row in rows)
