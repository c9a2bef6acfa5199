"""Put the rows that made a table fail aside, whole and as they came."""

import os
import tempfile
from pathlib import Path

from headgate.errors import HeadgateError, StorageError


def offending(frame, report):
    """Return every row of `frame` that made a check of `report` fail, as it came.

    frame : the pandas frame that was given to `validate`.
    Two columns come first: `rule` (names of the rules and columns, joined by "; ") and `reason` (their sentences); a
    column of that name in the table stays and ours gets the prefix "headgate ". Row order and index are kept.
    Raises HeadgateError for a report that was read from JSON or is of another table.
    """
    if len(frame) != report.rows:
        raise HeadgateError("The report is of another table.", value=f"{len(frame)} rows", limit=f"{report.rows} rows")
    rules, reasons = {}, {}
    for number, check in enumerate(report.checks):
        for row in _rows(report, number, check):
            rules.setdefault(row, []).append(f"{check.rule} of {check.column}" if check.column else check.rule)
            reasons.setdefault(row, []).append(check.sentence)
    order = sorted(rules)
    result = frame.iloc[order].copy()
    for place, (name, texts) in enumerate((("rule", rules), ("reason", reasons))):
        name = name if name not in frame else f"headgate {name}"
        result.insert(place, name, ["; ".join(texts[row]) for row in order], allow_duplicates=True)
    return result


def _rows(report, number, check):
    if check.ok or not check.rows:
        return ()
    if report.offenders is None:
        raise HeadgateError("This report was read from JSON, which holds only the first rows of each check.",
                            remedy="Validate the table again to quarantine its rows.")
    return report.offenders[number].tolist()


def quarantine(frame, report, path):
    """Write the offending rows to a CSV at `path`: the old file or the whole new one, never a half.

    Returns the path, or None (and writes nothing) if no failed check points at rows.
    Raises StorageError if the disk is full or not writable.
    """
    rows, path, half = offending(frame, report), Path(path), None
    if not len(rows):
        return None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, half = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            rows.to_csv(file, index=False)
        os.replace(half, path)
    except OSError as error:
        if half is not None:
            Path(half).unlink(missing_ok=True)
        raise StorageError(f"The quarantine file {path} could not be written: {error.strerror or error}.",
                           remedy="Make room or name a folder that can be written.") from error
    return path
