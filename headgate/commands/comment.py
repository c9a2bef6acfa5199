"""`comment`: tell the reviewers of a pull request."""

import os
from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.expect import models
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import HeadgateError
from headgate.review import Repository, tell_reviewers


def comment(report: Annotated[list[Path], typer.Argument(help="Markdown files, one after the other; or a folder with "
                                                              "what `flows.validate --keep` wrote, however deep.")],
            pull_request: Annotated[int, typer.Option(min=1, help="Its number.")],
            expect: Annotated[str, typer.Option(metavar="JSON", help="For such a folder, the models that `plan` told: "
                                                "those without a result are named.")] = "[]",
            topic: Annotated[str, typer.Option(help="A word; there is one comment per topic.")] = "training",
            title: Annotated[str, typer.Option(help="Heading above the reports.")] = "",
            json_output: JsonOption = False):
    """Write a report as a comment of a pull request on GitHub, or bring the comment of the last run up to date.

    Needs GITHUB_REPOSITORY and GITHUB_TOKEN, as GitHub Actions has them.

    Examples:

        python -m headgate comment best/report.md --pull-request 12

        python -m headgate comment validated --expect '["flights"]' --topic validation --pull-request 12
    """
    with command_errors(json_output):
        repository = Repository.from_environment(os.environ)
        expected = models(expect)
        parts = [*([f"## {title}\n"] if title else []), *(_text(path, expected) for path in report)]
        identity, outcome = tell_reviewers(repository, pull_request, topic, "\n".join(parts))
        finish(json_output, {"outcome": outcome, "comment": identity, "pull_request": pull_request, "topic": topic},
               f"The comment about {topic} of pull request {pull_request} was {outcome}.")


def _text(path, expected):
    if expected or path.is_dir():
        from headgate.candidates.validated import page_of_validations
        return page_of_validations(path, expected)
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise HeadgateError(f"{path} cannot be read.", value=str(error)) from None
