"""`due`: which models are to be trained again, from decisions that were made on several machines."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.expect import models
from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish


def due(folder: Annotated[Path, typer.Argument(help="Folder with what `flows.retrain --dry-run --keep` wrote.")],
        expect: Annotated[str, typer.Option(metavar="JSON", help="The models that `plan` told; of one that is missing "
                                            "it is told that nothing was decided.")] = "[]",
        output: Annotated[Path | None, typer.Option(help="New folder: the decisions, report.md and missing.json, for "
                                                         "`flows.announce`.")] = None,
        json_output: JsonOption = False, github: GithubOption = False):
    """Say which models are due to be trained again, which are not, and why.

    Exit code 2: about some model nothing could be decided; the others are told all the same.

    Examples:

        python -m flows.retrain --model flights --dry-run --keep decisions/flights

        python -m headgate due decisions

        python -m headgate due decisions --expect '["flights", "tumors"]' --output decided
    """
    with command_errors(json_output):
        from headgate.candidates.decided import lines_of, sort_decisions
        from headgate.candidates.output import write_output
        from headgate.errors import CandidatesMissing

        need_github(github)
        decided, missing, refused = sort_decisions(folder, models(expect))
        if not decided and not missing:
            raise CandidatesMissing("There is no decision in the folder.", value=folder)
        names, lines = [one.model for one in decided if one.summary["train"]], lines_of(decided, missing)
        page = _page([*lines, *refused])
        if output is not None:
            write_output(output, decided, missing, page)
        document = {"names": ",".join(names), "models": names, "missing": [one.to_dict() for one in missing],
                    "refused": refused, "sentence": " ".join(lines)}
        tell_github(github, document, report=page)
        for line in refused:
            typer.echo(line, err=True)
        finish(json_output, document, "\n".join(lines), code=2 if missing else 0)


def _page(lines):
    from headgate.report.page import markdown
    return "\n".join(f"- {markdown(line)}" for line in lines)
