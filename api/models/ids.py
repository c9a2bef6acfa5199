"""Names of predictions: MODEL.HEX, or MODEL.HEX.ROW in a batch."""

import itertools
import os
import re
import time
from datetime import datetime, timezone
from functools import lru_cache

TAIL = r"\.[0-9a-f]{32}(\.(0|[1-9][0-9]{0,6}))?$"
PATTERN = r"^[a-z][a-z0-9_-]{0,59}" + TAIL
_FORM = re.compile(PATTERN)


class Ids:
    """Makes ids: 12 hex digits of the millisecond, 12 of this process, 8 that count; so they sort by time."""

    def __init__(self):
        self._process, self._count = os.urandom(6).hex(), itertools.count()

    def new(self, at):
        """Return a fresh id, without its model, for milliseconds since 1970."""
        return f"{at:012x}{self._process}{next(self._count) & 0xffffffff:08x}"


def parse(prediction_id):
    """Return (model, hex, row) of a prediction_id; row is 0 for a single one. None for what is no id."""
    if _FORM.fullmatch(prediction_id) is None:
        return None
    model, key, *row = prediction_id.split(".")
    return model, key, int(row[0]) if row else 0


def now():
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def iso(at):
    """Return milliseconds since 1970 as ISO 8601 in UTC."""
    second, part = divmod(at, 1000)
    return f"{_second(second)}.{part:03d}Z"


@lru_cache(maxsize=8)
def _second(second):
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%S")
