"""`forget`: delete from the prediction log."""

import time
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import HeadgateError
from headgate.workspace import Workspace

DAY = 86_400_000


def forget(name: Annotated[str, typer.Argument(help="Name of the model.")],
           key: Annotated[list[str] | None, typer.Option(help="COLUMN=VALUE, once for each column of the spec's "
                                                              "data.key.")] = None,
           older_than: Annotated[float | None, typer.Option(help="Days.", min=0)] = None,
           json_output: JsonOption = False):
    """Delete predictions and their feedback: every row of one key, or all that are older than some days.

    Rows that still wait on their way to the database are not reached; that is a second, unless it is away.

    Examples:

        python -m headgate forget churn --key customer=4711

        python -m headgate forget flights --older-than 365
    """
    with command_errors(json_output):
        if bool(key) == (older_than is not None):
            raise HeadgateError("Say what to delete.", limit="--key COLUMN=VALUE ..., or --older-than DAYS")
        workspace = Workspace.from_environment()
        rows = _by_key(workspace, name, key) if key else _by_age(workspace, name, older_than)
        finish(json_output, {"model": name, "deleted": rows},
               f"{rows} {'rows' if key else 'requests'} of {name} are deleted from the prediction log.")


def _by_age(workspace, name, days):
    from headgate.prediction_log import forget_older
    return forget_older(workspace, int(time.time() * 1000 - days * DAY), model=name)


def _by_key(workspace, name, key):
    from headgate.prediction_log import forget_key
    given, wanted = dict(_split(one) for one in key), _key_columns(workspace, name)
    if set(given) != set(wanted):
        raise HeadgateError(f"The key of {name!r} is not whole.", value=", ".join(given),
                            limit=", ".join(wanted) or "no data.key in the spec, so rows have no key")
    return forget_key(workspace, name, [given[column] for column in wanted])


def _split(text):
    column, equals, value = text.partition("=")
    if not equals or not value:
        raise HeadgateError("A key is COLUMN=VALUE.", value=text)
    return column, value


def _key_columns(workspace, name):
    from headgate.bundle import read_spec
    from headgate.registry.read import bundle_folder, champion
    from headgate.spec import find_model, load_spec
    serving = champion(workspace, name)
    if serving is not None:
        return read_spec(bundle_folder(workspace, serving)).data.key
    return load_spec(find_model(workspace.root, name)).data.key
