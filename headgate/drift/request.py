"""Resolve what is to be compared; before anything heavy has started."""

from dataclasses import dataclass
from datetime import date

from headgate.current.span import as_day
from headgate.data.clock import resolve_as_of
from headgate.data.places import replacement
from headgate.errors import SpecError

CHOICES = ("auto", "log", "source")


@dataclass(frozen=True)
class Asked:
    """What current rows are.

    data : path or URL of a CSV or Parquet. current : "auto", "log" or "source". since, as_of : days, or None.
    now : milliseconds since 1970.
    """

    data: str | None = None
    current: str = "auto"
    since: date | None = None
    as_of: date | None = None
    now: int = 0


def ask(champion, *, data=None, current="auto", since=None, as_of=None, now):
    """Return what is Asked. Raises SpecError for what does not go together, SourceError for a file that is not there.

    since, as_of : date, "YYYY-MM-DD" or None. now : milliseconds since 1970.
    """
    since, as_of = as_day(since, "--since"), as_day(as_of, "--as-of")
    if current not in CHOICES:
        raise SpecError("--current names no kind of rows.", value=current, limit=", ".join(CHOICES))
    if data is not None and current != "auto":
        raise SpecError(f"--data and --current {current} both say where current rows are.", limit="one of them")
    if since is not None and as_of is not None and since >= as_of:
        raise SpecError("No day lies from --since to before --as-of.", value=f"{since} and {as_of}")
    if data is not None:
        replacement(data)
    if as_of is not None:
        resolve_as_of(champion.spec, as_of)     # a model without a time column has none
    return Asked(data and str(data), current, since, as_of, now)
