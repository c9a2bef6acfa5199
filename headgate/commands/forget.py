"""`forget`: delete from the prediction log."""

import time
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import HeadgateError
from headgate.workspace import Workspace

DAY = 86_400_000
NOTHING = "Nothing is deleted: the prediction log has no row of {name} that was sent with {key}."


def forget(name: Annotated[str, typer.Argument(help="Name of the model.")],
           key: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE, once for each column of the spec's "
                                                              "data.key.")] = None,
           older_than: Annotated[float | None, typer.Option(help="Days.", min=0)] = None,
           json_output: JsonOption = False):
    """Delete predictions and their feedback: every row of one key, or all that are older than some days.

    Rows that still wait on their way to the database are not reached; that is a second, unless it is away. Rows that
    were logged under an earlier data.key are found by the columns of that one.

    Examples:

        python -m headgate forget churn --key customer=4711

        python -m headgate forget flights --older-than 365
    """
    with command_errors(json_output):
        if bool(key) == (older_than is not None):
            raise HeadgateError("Say what to delete.", limit="--key COLUMN=VALUE ..., or --older-than DAYS")
        workspace = Workspace.from_environment()
        rows = _by_key(workspace, name, key) if key else _by_age(workspace, name, older_than)
        told = f"{rows} {'rows' if key else 'requests'} of {name} are deleted from the prediction log."
        finish(json_output, {"model": name, "deleted": rows}, told if rows or not key else NOTHING.format(
            name=name, key=" and ".join(key)))


def _by_age(workspace, name, days):
    from headgate.prediction_log import forget_older
    gone = forget_older(workspace, int(time.time() * 1000 - days * DAY), model=name)
    if not gone:
        _check_known(workspace, name)
    return gone


def _by_key(workspace, name, key):
    from headgate.prediction_log import forget_named
    given, spec = dict(_split(one) for one in key), _spec(workspace, name)
    gone = forget_named(workspace, name, given, spec)
    if not gone and spec is None:
        _check_known(workspace, name)
    if not gone and spec is not None and set(given) != set(spec.data.key):
        raise HeadgateError(f"No row has such a key, and it is not the key of {name!r}.", value=", ".join(given),
                            limit=", ".join(spec.data.key) or "no data.key in the spec, so rows have no key")
    return gone


def _split(text):
    column, equals, value = text.partition("=")
    if not equals or not value:
        raise HeadgateError("A key is COLUMN=VALUE.", value=text)
    return column, value


def _spec(workspace, name):
    """Return the spec of the champion, else the one in models/, or None on a host that has neither."""
    from headgate.bundle import read_spec
    from headgate.registry.read import bundle_folder, champion
    from headgate.spec import find_model, list_models, load_spec
    serving = champion(workspace, name)
    if serving is not None:
        return read_spec(bundle_folder(workspace, serving))
    return load_spec(find_model(workspace.root, name)) if name in list_models(workspace.root) else None


def _check_known(workspace, name):
    """Raise HeadgateError for a model that nobody knows: neither the log nor models/ nor the registry."""
    from headgate.prediction_log import logged_models
    from headgate.registry.read import list_names
    from headgate.spec import list_models
    from headgate.spec.explain import nearest
    known = set()
    for names in (lambda: logged_models(workspace), lambda: list_models(workspace.root), lambda: list_names(workspace)):
        known |= set(names())
        if name in known:
            return
    raise HeadgateError(f"No model is called {name!r}, and the prediction log has no row of it.",
                        limit=", ".join(sorted(known)) or "no model yet", remedy=nearest(name, known) or None)
