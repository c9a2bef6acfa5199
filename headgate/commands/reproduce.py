"""`reproduce`: train a version again from its record."""

from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace


def reproduce(name: Annotated[str, typer.Argument(help="Name of the model.")],
              version: Annotated[str, typer.Option(help="Number or alias.")] = "champion",
              json_output: JsonOption = False):
    """Train a version again from its own spec, features and snapshot, and compare its answers on the holdout.

    Exit code 0: the same bit for bit. 1: they differ, with what is not as it was.

    Examples:

        python -m headgate reproduce flights --version 1
    """
    with command_errors(json_output):
        from headgate.training.reproduce import reproduce as train_again

        result = train_again(Workspace.from_environment(), name, version)
        finish(json_output, result.to_dict(), _text(result), code=0 if result.same else 1)


def _text(result):
    if result.same:
        lines = [f"Version {result.version} of {result.model} gives the same probabilities, bit for bit, on "
                 f"{result.rows:,} holdout rows."]
    else:
        lines = [f"Version {result.version} of {result.model} gives other probabilities: they differ by up to "
                 f"{result.max_difference:.3g} on {result.rows:,} holdout rows."]
    return "\n".join(lines + [f"- {sentence}" for sentence in result.differs])
