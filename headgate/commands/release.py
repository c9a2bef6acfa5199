"""`waiting` and `release`: which versions wait for production, and letting them serve."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, run_url, tell_github
from headgate.commands.package import ModelOption, SumOption, VersionOption
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace


def waiting(model: ModelOption = "all", version: VersionOption = "challenger", json_output: JsonOption = False,
            github: GithubOption = False):
    """Say which versions wait to be released: challengers, and champions that never were.

    Examples:

        python -m headgate waiting

        python -m headgate waiting --model flights --version 2
    """
    with command_errors(json_output):
        from headgate.release import find_waiting
        from headgate.release.waiting import without_folder

        need_github(github)
        workspace = Workspace.from_environment()
        found = find_waiting(workspace, model=model, version=version)
        names = [f"{one.model} version {one.version} ({one.digest[:12]})" for one in found]
        document = {"releases": [{"model": one.model, "version": one.version, "digest": one.digest} for one in found],
                    "sentence": f"To be released: {', '.join(names)}." if found else "No version waits to be released."}
        gone = without_folder(workspace) if model == "all" else []
        if gone:
            document["sentence"] += f" Left out: {', '.join(gone)}, without a folder under models/ any more; " \
                                    "--model releases it all the same."
        tell_github(github, document, report=document["sentence"])
        finish(json_output, document, document["sentence"])


def release(folder: Annotated[Path, typer.Argument(help="Folder of the package.")], sha256: SumOption = None,
            undo: Annotated[bool, typer.Option("--undo", help="Put the champions before back.")] = False,
            reason: Annotated[str, typer.Option(help="For --undo; kept in the ledger.")] = "not right in production",
            json_output: JsonOption = False, github: GithubOption = False):
    """Make the versions of a package champions, by their digests; done again, it changes nothing.

    Refuses (exit 2) when another champion serves than when the package was made. --undo puts the champions before
    back; a version that took nobody's place stays champion, and waits to be released again.

    Examples:

        python -m headgate release ./package --sha256 9f86d081...

        python -m headgate release ./package --undo --reason "errors rose"
    """
    with command_errors(json_output):
        from headgate.release import open_package

        need_github(github)
        with TemporaryDirectory(prefix="headgate-package-") as scratch:
            package = open_package(folder, Path(scratch) / "package", sha256=sha256)
        workspace = Workspace.from_environment()
        told = _undo(workspace, package, reason) if undo else _release(workspace, package)
        document = {"outcome": "unchanged", "sha256": package.sha256, **told}
        tell_github(github, document, report=document["sentence"])
        finish(json_output, document, document["sentence"])


def _release(workspace, package):
    from headgate.release import release as publish
    changes = publish(workspace, package, run=run_url(os.environ))
    told = [f"Version {one.champion.version} of {one.champion.model} is champion{'' if one.changed else ' already'}."
            for one in changes]
    return {"sentence": " ".join(told), **({"outcome": "released"} if any(one.changed for one in changes) else {})}


def _undo(workspace, package, reason):
    from headgate.release import undo
    changes = undo(workspace, package, reason=reason, run=run_url(os.environ))
    told = [f"Version {one.champion.version} of {one.champion.model} is champion again." if one.changed else
            f"Version {one.champion.version} of {one.champion.model} took nobody's place: it stays champion, and "
            "counts as not released." for one in changes]
    return {"outcome": "rolled back" if any(one.changed for one in changes) else "taken back",
            "sentence": " ".join(told)} if changes else \
        {"sentence": "No version of the package serves by it, so there is nothing to take back."}
