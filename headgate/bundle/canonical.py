"""JSON with exactly one way to write a value, so that its digest means something."""

import json
import math
from datetime import date
from pathlib import PurePath


def canonical_json(value):
    """Return `value` as compact UTF-8 JSON text with sorted keys; NaN and infinities become null.

    NumPy scalars, dates and paths are written as their plain counterparts. Raises TypeError for anything else.
    """
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def plain(value):
    """Return `value` with nothing in it that JSON cannot hold."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, PurePath):
        return value.as_posix()
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
