"""`import`: register a bundle."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.registry.transfer import import_bundle
from headgate.workspace import Workspace


def import_(folder: Annotated[Path, typer.Argument(help="Folder of the bundle.")], json_output: JsonOption = False):
    """Verify a bundle, check its golden rows, and register it. It serves only once it is promoted.

    Examples:

        python -m headgate import ./flights-bundle
    """
    with command_errors(json_output):
        one = import_bundle(Workspace.from_environment(), folder)
        text = f"This bundle is registered already, as version {one.version} of {one.model}; nothing was done." \
            if one.existed else f"Registered as version {one.version} of {one.model}. To let it serve: " \
                                f"python -m headgate promote {one.model} --version {one.version}"
        finish(json_output, {**one.to_dict(), "outcome": "unchanged" if one.existed else "registered"}, text)
