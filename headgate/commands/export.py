"""`export`: write a version as a bundle."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.registry.transfer import export_bundle
from headgate.workspace import Workspace


def export(name: Annotated[str, typer.Argument(help="Name of the model.")],
           folder: Annotated[Path, typer.Argument(help="New folder for the bundle.")],
           version: Annotated[str, typer.Option(help="Number or alias.")] = "champion",
           json_output: JsonOption = False):
    """Write a version (by default the champion) as a plain folder with a manifest of SHA-256 sums.

    Examples:

        python -m headgate export flights ./flights-bundle

        python -m headgate export flights ./candidate --version challenger
    """
    with command_errors(json_output):
        one = export_bundle(Workspace.from_environment(), name, version, folder)
        finish(json_output, {"model": name, "version": one.version, "digest": one.digest, "folder": folder.resolve()},
               f"Version {one.version} of {name} is in {folder} (digest {one.digest[:12]}). "
               f"To bring it in elsewhere: python -m headgate import {folder}")
