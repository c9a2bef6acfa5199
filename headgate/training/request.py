"""Resolve what is asked for into a Request, cheaply: nothing heavy is imported here."""

from pathlib import Path

from headgate.data.clock import resolve_as_of
from headgate.data.digests import fingerprint
from headgate.errors import SpecError
from headgate.spec import find_model, load_spec, spec_digest
from headgate.spec.explain import nearest
from headgate.spec.model import ALGORITHMS
from headgate.training.digests import code_digest, digest_of, features_digest
from headgate.training.values import Request

SPEC = "spec"


def resolve(workspace, model, *, as_of=None, algorithms=None, data=None, labelled=None, today=None):
    """Return (spec, folder, Request).

    as_of : date, YYYY-MM-DD or None (the spec's own).
    algorithms : iterable of names, ["all"], or None (the spec's own).
    labelled : path of a snapshot of labelled rows to add, "log" to make one of the prediction log now, or None.
    Raises SpecError or SourceError before anything heavy has started.
    """
    folder = find_model(workspace.root, model)
    spec = load_spec(folder)
    day = resolve_as_of(spec, as_of, today)
    names = choose_algorithms(spec, algorithms)
    source = fingerprint(spec, folder, as_of=day, data=data)
    more = _labelled(workspace, spec, labelled, day)
    key = digest_of([code_digest("all"), spec_digest(spec), features_digest(folder), source,
                     day, list(names), data and str(data), workspace.tracking_uri, more and Path(more).stem])
    return spec, folder, Request(model, day, names, data and str(data), source, key, more)


def _labelled(workspace, spec, labelled, day):
    if labelled is None:
        return None
    from headgate.retraining.labelled import labelled_path

    return labelled_path(workspace, spec, labelled, as_of=day)


def choose_algorithms(spec, wanted):
    """Return the algorithms to compare; "all" means every one there is, "spec" those of the spec."""
    if not wanted or list(wanted) == [SPEC]:
        return tuple(spec.algorithms)
    return named_algorithms(wanted)


def named_algorithms(wanted):
    """Return the algorithms of those names, each once; "all" means every one there is. Raises SpecError."""
    if "all" in wanted:
        return ALGORITHMS
    for name in wanted:
        if name not in ALGORITHMS:
            raise SpecError(f"There is no algorithm {name!r}.", limit=", ".join((*ALGORITHMS, "all")),
                            remedy=nearest(name, ALGORITHMS))
    return tuple(dict.fromkeys(wanted))
