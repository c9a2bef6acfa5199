"""From a source to clean typed rows.

The functions are loaded at first use, so that asking for a fingerprint does not import pandas.
"""

from importlib import import_module

_HOME = {"resolve_as_of": "clock", "fingerprint": "digests", "Reading": "tables", "read_table": "tables",
         "Coerced": "typed", "coerce": "typed", "Cleaned": "cleaning", "clean": "cleaning",
         "Snapshot": "snapshots", "write_snapshot": "snapshots", "read_snapshot": "snapshots",
         "content_digest": "snapshots",
         "HoldoutRule": "holdouts", "holdout_rule": "holdouts", "checked_holdout_mask": "holdouts",
         "to_columns": "arrays"}
__all__ = sorted(_HOME)


def __getattr__(name):
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
