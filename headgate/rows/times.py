"""ISO 8601 texts to seconds of a wall clock, as training does it, without pandas."""

import re
from datetime import datetime, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

ISO = re.compile(r"(\d{4})[-/](\d{2})[-/](\d{2})(?:[T ](\d{2})(?:(?P<colon>:?)(\d{2})(?:(?P=colon)(\d{2})"
                 r"(?:[.,](\d+))?)?)?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?", re.ASCII)
END = 253_402_300_799_999_999      # microseconds: 9999-12-31T23:59:59.999999
EPOCH = datetime(1970, 1, 1)
FIRST, LAST = (datetime(*day, tzinfo=timezone.utc) for day in ((1, 1, 2), (9999, 12, 30)))  # no zone leads out of them


def seconds_of(text, zone):
    """Return float seconds since 1970-01-01 of the wall clock in `zone` (IANA name).

    A time with an offset (or Z) is converted to the zone, one without is its wall clock.
    Raises ValueError for what is no ISO 8601 time.
    """
    match = ISO.fullmatch(text.strip())
    if match is None:
        raise ValueError("no ISO 8601 time")
    *day, hour, _, minute, second, fraction, offset = match.groups()
    micro = (fraction or "").ljust(6, "0")[:6]
    moment = datetime(*(int(part or 0) for part in (*day, hour, minute, second, micro)))
    if offset:
        moment = _in_zone(moment, offset, zone)
    return (moment - EPOCH).total_seconds()


def iso_of(seconds):
    """Return the ISO 8601 text of seconds since 1970-01-01 of a wall clock; None of NaN."""
    if seconds != seconds:
        return None
    whole, part = divmod(min(round(seconds * 1e6), END), 1_000_000)     # the last of a double is past the calendar
    return (datetime.fromtimestamp(whole, timezone.utc).replace(tzinfo=None, microsecond=part)).isoformat()


def _in_zone(moment, offset, zone):
    if offset != "Z":
        sign, digits = offset[0], offset[1:].replace(":", "").ljust(4, "0")
        offset = f"{sign}{digits[:2]}:{digits[2:]}"
    aware = datetime.fromisoformat(f"{moment.isoformat()}{offset.replace('Z', '+00:00')}")
    if not FIRST <= aware <= LAST:
        raise ValueError("out of the calendar")
    return aware.astimezone(_zone(zone)).replace(tzinfo=None)


@lru_cache(maxsize=16)
def _zone(name):
    return ZoneInfo(name)
