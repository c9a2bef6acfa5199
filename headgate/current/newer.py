"""Rows of the source that the champion's training did not see."""

from dataclasses import replace

import numpy as np

from headgate.current.span import source_span
from headgate.current.typed import table_blocks
from headgate.data import Snapshot, fingerprint, read_snapshot
from headgate.data.labelled import row_hashes, row_names
from headgate.data.snapshots import snapshot_names


def newer_blocks(workspace, champion, *, since=None, as_of=None, window=True):
    """Yield the Typed rows of the source that are newer than the champion's training; arguments as of `source_span`.

    With a time column those are the rows from its as_of on. Without one, if the source changed at all, those whose key
    (or, without a key, whose values) the champion's snapshot does not hold; all of them where the snapshot is gone.
    """
    span = source_span(champion, since=since, as_of=as_of, window=window)
    if champion.spec.data.time_column is not None:
        yield from table_blocks(champion, span)
    elif changed(champion):
        known = known_rows(workspace, champion)
        for block in table_blocks(champion, span):
            fresh = ~np.isin(row_hashes(champion.spec, block.frame), known)
            if fresh.any():
                yield replace(block, frame=block.frame[fresh].reset_index(drop=True))


def changed(champion):
    """True if the source is not, byte for byte, the one that the champion was trained on."""
    now = fingerprint(champion.spec, champion.home, as_of=champion.as_of)
    return now != champion.lineage.get("source_fingerprint")


def known_rows(workspace, champion):
    """Return the hashes of the rows of the champion's snapshot, uint64; empty where it is gone, or has no such key."""
    digest = champion.lineage.get("data_digest", "")
    path = workspace.snapshots / f"{digest}.parquet"
    snapshot, names = Snapshot(path.resolve().as_uri(), digest, 0), list(row_names(champion.spec))
    if not path.is_file() or not set(names) <= set(snapshot_names(snapshot)):
        return np.empty(0, dtype=np.uint64)
    return row_hashes(champion.spec, read_snapshot(snapshot, columns=names))
