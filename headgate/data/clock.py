"""Which day the pipeline stands on: it sees only rows before it."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from headgate.errors import SpecError


def time_zone(spec):
    """Return the ZoneInfo of data.time_zone, or raise SpecError naming it."""
    name = spec.data.time_zone
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SpecError("data.time_zone is no known time zone.", value=name,
                        limit="an IANA name such as UTC or America/New_York") from None


def resolve_as_of(spec, override=None, today=None):
    """Return the day before which rows are visible, or None for a model without a time column.

    override : date or "YYYY-MM-DD" that replaces data.as_of, or None.
    today : function of a ZoneInfo that returns the date there; the clock by default.
    Raises SpecError for an override that is no date, or on a model that has no time column.
    """
    if spec.data.time_column is None:
        if override is not None:
            raise SpecError(f"Model {spec.name} has no data.time_column, so it cannot be seen as of a day.",
                            value=override, remedy="Leave --as-of out, or name the time column in model.yaml.")
        return None
    wanted = spec.data.as_of if override is None else override
    if wanted == "now":
        return (today or _today)(time_zone(spec))
    return _as_date(wanted)


def _today(zone):
    return datetime.now(zone).date()


def _as_date(value):
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise SpecError("as_of is no date.", value=repr(value),
                        limit="YYYY-MM-DD, such as 2013-11-01, or now") from None
