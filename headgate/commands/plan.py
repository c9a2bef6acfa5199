"""`plan`: what is to be validated and trained."""

import os
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace


def plan(model: Annotated[str, typer.Option(help="Names separated by commas, or `all`.")] = "all",
         since: Annotated[str, typer.Option(metavar="COMMIT", help="Only models that changed since this commit; "
                                            "`trained`: since each was last trained.")] = "",
         algorithm: Annotated[str, typer.Option(help="One name; `spec`: one training that compares those of the spec; "
                                                "`all`: a training for each there is.")] = "spec",
         version: Annotated[str, typer.Option(help="A version that is to be deployed; anything but `challenger` is of "
                                              "one model alone.")] = "challenger",
         json_output: JsonOption = False, github: GithubOption = False):
    """Say which models are to be validated or trained, why, and with which algorithms; nothing is run.

    A model changed when its folder, a table of it in the repository, the code or the lock did.

    Examples:

        python -m headgate plan --since origin/main

        python -m headgate plan --model flights --algorithm all --json
    """
    with command_errors(json_output):
        from headgate.state.changes import plan as make_plan

        need_github(github)
        made = make_plan(Workspace.from_environment(), model=model, since=since, algorithm=algorithm,
                         token=os.environ.get("GITHUB_TOKEN", ""))
        if version != "challenger":
            from headgate.release.waiting import only_model
            only_model(made.models, version)
        document = {"models": made.models, "candidates": list(made.candidates), "reasons": made.reasons,
                    "sentence": _sentence(made)}
        tell_github(github, document, report=_page(made))
        finish(json_output, document, "\n".join([_sentence(made), *_lines(made)]))


def _sentence(made):
    return f"To be done: {', '.join(made.models)}." if made.models else "Nothing changed, so there is nothing to do."


def _lines(made):
    return [f"  {name}: {why}" for name, why in made.reasons.items()]


def _page(made):
    from headgate.report.page import markdown
    return "\n".join([_sentence(made), "", *(f"- {markdown(line)}" for line in _lines(made))])
