"""Resolve what is asked for into a Request, cheaply: nothing heavy is imported here."""

import re
from datetime import date

from headgate.errors import SpecError
from headgate.spec import find_model, load_spec, spec_digest
from headgate.spec.load import nearest
from headgate.spec.model import ALGORITHMS
from headgate.training.digests import code_digest, digest_of, features_digest
from headgate.training.values import Request


def resolve(workspace, model, *, as_of=None, algorithms=None, data=None, today=None):
    """Return (spec, folder, Request).

    as_of : date, ISO text or None (the spec's own).
    algorithms : iterable of names, ["all"], or None (the spec's own).
    Raises SpecError or SourceError before anything heavy has started.
    """
    from headgate.data.source_digest import fingerprint
    from headgate.data.visible import resolve_as_of

    folder = find_model(workspace.root, model)
    spec = load_spec(folder)
    day = resolve_as_of(spec, parse_day(as_of), today=today or date.today())
    names = choose_algorithms(spec, algorithms)
    source = fingerprint(spec, folder, as_of=day, data=data)
    key = digest_of([code_digest("all"), spec_digest(spec), features_digest(folder), source,
                     day, list(names), data and str(data)])
    return spec, folder, Request(model, day, names, data and str(data), source, key)


def parse_day(value):
    """Read YYYY-MM-DD, or raise SpecError."""
    if value is None or isinstance(value, date):
        return value
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise SpecError("--as-of is not a day.", value=value, limit="YYYY-MM-DD, such as 2013-11-01")


def choose_algorithms(spec, wanted):
    """Return the algorithms to compare; "all" means every one there is."""
    if not wanted:
        return tuple(spec.algorithms)
    if "all" in wanted:
        return ALGORITHMS
    for name in wanted:
        if name not in ALGORITHMS:
            raise SpecError(f"There is no algorithm {name!r}.", limit=", ".join((*ALGORITHMS, "all")),
                            remedy=nearest(name, ALGORITHMS))
    return tuple(dict.fromkeys(wanted))
