"""`prove`: smoke tests and golden rows of a package, over HTTP."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.package import SumOption
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace


def prove(folder: Annotated[Path, typer.Argument(help="Folder of the package.")], sha256: SumOption = None,
          url: Annotated[str, typer.Option(help="Services that are to serve it already, separated by spaces. One is "
                                                "started if left out.")] = "",
          patience: Annotated[float, typer.Option(min=1, help="Seconds they may take to serve it.")] = 60,
          watch_seconds: Annotated[float, typer.Option(min=0, help="Watch errors and latency so long afterwards; for "
                                                                   "--url.")] = 0,
          json_output: JsonOption = False, github: GithubOption = False):
    """Ask a service that serves a package every golden row of every model, and what else a service must do right.

    For --url, an API key is taken from HEADGATE_ADMIN_KEY. Exit code 1: a check failed, or errors or latency rose.

    Examples:

        python -m headgate prove ./package

        python -m headgate prove ./package --url https://models.example.org --patience 300 --watch-seconds 300
    """
    with command_errors(json_output):
        from headgate.release import open_package, prove_package
        from headgate.rollout.ask import production_services

        need_github(github)
        workspace = Workspace.from_environment()
        with tempfile.TemporaryDirectory(prefix="headgate-package-") as scratch:
            found = open_package(folder, Path(scratch) / "package", sha256=sha256)
            proved = prove_package(workspace, found, production_services(url.replace(",", " ").split(), os.environ),
                                   patience=patience, watch_seconds=watch_seconds)
        document = {"outcome": "proved" if proved.ok else "failed", "where": proved.where, "sha256": found.sha256,
                    "sentence": proved.sentence, "checks": {model: [vars(one) for one in checks]
                                                            for model, checks in proved.checks.items()}}
        tell_github(github, document, report=_page(proved))
        finish(json_output, document, "\n".join([*_lines(proved), proved.sentence]), code=0 if proved.ok else 1)


def _lines(proved):
    return [f"{'right' if one.ok else 'WRONG'}  {model}, {one.name}: {one.sentence}"
            for model, checks in proved.checks.items() for one in checks]


def _page(proved):
    from headgate.report.page import markdown
    rows = [f"| {markdown(model)} | {markdown(one.name)} | {'right' if one.ok else '**wrong**'} | "
            f"{markdown(one.sentence)} |" for model, checks in proved.checks.items() for one in checks]
    return "\n".join([markdown(proved.sentence), "", "| model | check | | what was seen |", "|---|---|---|---|", *rows])
