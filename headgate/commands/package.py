"""`package` and `unpack`: what is to serve, as one file with one SHA-256."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace

ModelOption = Annotated[str, typer.Option(help="One name; `all`: every model of which a version waits.")]
VersionOption = Annotated[str, typer.Option(help="Number, alias or beginning of a digest, of one model.")]
SumOption = Annotated[str | None, typer.Option(metavar="SUM", help="What the file's SHA-256 must be; not compared "
                                               "only where this is left out.")]


def package(folder: Annotated[Path, typer.Argument(help="New folder for the package.")],
            model: ModelOption = "all", version: VersionOption = "challenger", json_output: JsonOption = False,
            github: GithubOption = False):
    """Pack a version with the champions of all other models, as production is to serve them.

    Examples:

        python -m headgate package ./package --model flights

        python -m headgate prove ./package && python -m headgate release ./package
    """
    with command_errors(json_output):
        from headgate.errors import VersionNotFound
        from headgate.release import find_waiting, write_package

        need_github(github)
        workspace = Workspace.from_environment()
        chosen = find_waiting(workspace, model=model, version=version)
        if not chosen:
            raise VersionNotFound("No version waits to be released.", remedy="See: python -m headgate show NAME.")
        made = write_package(workspace, chosen, folder)
        _tell(made, folder / "bundles.tar.gz", json_output, github)


def unpack(folder: Annotated[Path, typer.Argument(help="Folder of the package.")],
           into: Annotated[Path, typer.Argument(help="New folder.")], sha256: SumOption = None,
           json_output: JsonOption = False, github: GithubOption = False):
    """Unpack a package, every sum and digest verified; INTO/bundles is what `python -m api --bundles` takes.

    Examples:

        python -m headgate unpack ./package ./unpacked --sha256 9f86d081...
    """
    with command_errors(json_output):
        from headgate.release import open_package

        need_github(github)
        _tell(open_package(folder, into, sha256=sha256), into / "bundles", json_output, github)


def _tell(found, place, json_output, github):
    names = ", ".join(f"{one.model} version {one.version} ({one.digest[:12]})" for one in found.releases)
    document = {"sha256": found.sha256, "serves": found.serves, "place": place,
                "digests": ",".join(f"{model}={digest}" for model, digest in found.serves.items()),
                "releases": [vars(one) for one in found.releases],
                "sentence": f"Releases {names}. SHA-256 {found.sha256}."}
    tell_github(github, document, report=document["sentence"])
    finish(json_output, document, f"{place}: {document['sentence']}")
