"""`due`: which models are to be trained again, from decisions that were made on several machines."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish


def due(folder: Annotated[Path, typer.Argument(help="Folder with what `flows.retrain --dry-run --keep` wrote.")],
        json_output: JsonOption = False, github: GithubOption = False):
    """Say which models are due to be trained again, which are not, and why.

    Examples:

        python -m flows.retrain --model flights --dry-run --keep decisions/flights

        python -m headgate due decisions
    """
    with command_errors(json_output):
        from headgate.candidates.kept import read_results
        from headgate.errors import CandidatesMissing

        need_github(github)
        found = [one.summary for one in read_results(folder) if one.summary.get("flow") == "retrain"]
        if not found:
            raise CandidatesMissing("There is no decision in the folder.", value=folder)
        names = [one["model"] for one in found if one["train"]]
        lines = [f"{one['model']}: {'due' if one['train'] else 'not due'}. {one['sentence']}" for one in found]
        document = {"names": ",".join(names), "models": names, "sentence": " ".join(lines)}
        tell_github(github, document, report=_page(lines))
        finish(json_output, document, "\n".join(lines))


def _page(lines):
    from headgate.report.page import markdown
    return "\n".join(f"- {markdown(line)}" for line in lines)
