"""`export`: write a version as a bundle, and say what it does in a folder that is served."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.bundle.roles import CHAMPION, PREVIOUS, Place, set_role
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import HeadgateError, PromotionRefused
from headgate.registry.transfer import export_bundle, find_version
from headgate.workspace import Workspace

ALLOWED = (CHAMPION, PREVIOUS)


def export(name: Annotated[str, typer.Argument(help="Name of the model.")],
           folder: Annotated[Path, typer.Argument(help="New folder for the bundle.")],
           version: Annotated[str, typer.Option(help="Number or alias.")] = "champion",
           role: Annotated[str | None, typer.Option(help="champion or previous: set in roles.json beside the bundle, "
                                                         "from which `python -m api --bundles` serves.")] = None,
           json_output: JsonOption = False):
    """Write a version (by default the champion) as a plain folder with a manifest of SHA-256 sums.

    Examples:

        python -m headgate export flights ./flights-bundle

        python -m headgate export flights ./candidate --version challenger

        python -m headgate export flights ./bundles/flights-1 --role champion
    """
    with command_errors(json_output):
        workspace = Workspace.from_environment()
        _check_role(workspace, name, version, role)
        one = export_bundle(workspace, name, version, folder)
        if role is not None:
            set_role(folder.resolve().parent, name, role,
                     Place(bundle=folder.resolve().name, digest=one.digest, version=one.version))
        finish(json_output, {"model": name, "version": one.version, "digest": one.digest, "folder": folder.resolve(),
                             "role": role or ""}, _text(name, one, folder, role))


def _check_role(workspace, name, version, role):
    if role is None:
        return
    if role not in ALLOWED:
        raise HeadgateError("There is no such role.", value=role, limit=" or ".join(ALLOWED))
    one = find_version(workspace, name, version)
    if one.decision != "promote" and CHAMPION not in one.aliases:
        raise PromotionRefused(f"Version {one.version} of {name!r} did not pass every gate, so it may not serve.",
                               value=one.decision or "no verdict", limit="promote",
                               remedy=f"See why: python -m headgate why {name} --version {one.version}.")


def _text(name, one, folder, role):
    wrote = f"Version {one.version} of {name} is in {folder} (digest {one.digest[:12]})."
    if role is None:
        return f"{wrote} To bring it in elsewhere: python -m headgate import {folder}"
    return f"{wrote} It is the {role} in {folder.parent / 'roles.json'}. To serve it: python -m api --bundles " \
           f"{folder.parent}"
