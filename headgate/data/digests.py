"""Has the source changed? Answered from its bytes, without pandas, pyarrow or numpy."""

import hashlib
import json
from pathlib import Path

from headgate.data.places import locate, open_stream, replacement
from headgate.data.sql import sql_rows

BLOCK = 1 << 20
ROW_BITS = 128


def fingerprint(spec, folder, *, as_of, data=None):
    """Return a SHA-256 over the bytes of every table that a training would read and how it would read them.

    as_of : the resolved day, or None. data : the file that replaces the source, or None.
    A database is asked for its rows, whose order does not count.
    Raises SourceError when a table is away.
    """
    stated = spec.data
    parts = {"as_of": str(as_of), "time": [stated.time_column, stated.time_zone, stated.window_days],
             "keep": [rule.model_dump(mode="json") for rule in stated.keep],
             "how": [_how(stated.source)] + [rule.model_dump(mode="json") for rule in stated.joins]}
    parts["tables"] = [_table(stated.source, folder) if data is None else _bytes(replacement(data))]
    parts["tables"] += [_table(rule.source, folder) for rule in stated.joins]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _how(source):
    return source.model_dump(mode="json", exclude={"package", "file", "csv", "parquet"})


def _table(source, folder):
    return _rows(source.sql, folder) if source.sql is not None else _bytes(locate(source, folder))


def _bytes(place):
    total = hashlib.sha256()
    if not place.remote and Path(place.address).is_dir():
        for path in sorted(Path(place.address).rglob("*")):
            if path.is_file():
                total.update(path.relative_to(place.address).as_posix().encode() + b"\n")
                _feed(total, open(path, "rb"))
    else:
        with open_stream(place) as stream:
            _feed(total, stream)
    return total.hexdigest()


def _feed(total, stream):
    with stream:
        while block := stream.read(BLOCK):
            total.update(block)


def _rows(sql, folder):
    """Hash a query's rows as a multiset: the sum of the hashes of the rows."""
    rows = sql_rows(sql, folder)
    names, total, count = next(rows), 0, 0
    for row in rows:
        total += int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=ROW_BITS // 8).digest(), "big")
        count += 1
    return f"{names!r} {count} {total % 2 ** ROW_BITS:x}"
