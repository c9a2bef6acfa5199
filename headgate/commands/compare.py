"""`compare`: join what several trainings kept, and say which candidate is the best of each model."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.expect import candidates
from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish

CODES = {"passed": 0, "rejected": 1, "incomplete": 2}


def compare(folder: Annotated[Path, typer.Argument(help="Folder with what `flows.train --keep` wrote, however deep.")],
            expect: Annotated[str, typer.Option(metavar="JSON", help="The candidates that `plan` told; one that is "
                                                "missing is an error.")] = "[]",
            output: Annotated[Path | None, typer.Option(help="New folder: the best candidate of each model, "
                                                             "report.md and missing.json.")] = None,
            json_output: JsonOption = False, github: GithubOption = False):
    """Choose the best candidate of each model by cross-validation, as one training of them all would have.

    Every bundle is verified by its digest. Exit code 1: the best of some model was rejected. 2: some model has no
    result, because a training of it left none or its candidates were not trained on the same; the others have theirs.
    What is of a model that --expect does not name is told, and not used.

    Examples:

        HEADGATE_HOME=one python -m flows.train --model tumors --algorithm random_forest --keep kept/forest

        HEADGATE_HOME=two python -m flows.train --model tumors --algorithm xgboost --keep kept/trees

        python -m headgate compare kept --output best
    """
    with command_errors(json_output):
        from headgate.candidates import join, sort_results
        from headgate.candidates.output import write_output
        from headgate.candidates.page import page_of, page_of_missing, page_of_refused
        from headgate.errors import CandidatesMissing

        need_github(github)
        expected = candidates(expect)
        found, broken, refused = sort_results(folder, "train", expected={one["model"] for one in expected})
        joined, missing = join(found, expected, broken)
        if not joined and not missing:
            raise CandidatesMissing("There is no result in the folder.", value=folder, limit="at least one")
        page = "\n".join([*map(page_of_missing, missing), *map(page_of, joined), *page_of_refused(refused)])
        if output is not None:
            write_output(output, [one.best for one in joined], missing, page)
        document = {"results": [one.to_dict() for one in joined], "missing": [one.to_dict() for one in missing],
                    "refused": refused, "outcome": _outcome(joined, missing)}
        tell_github(github, document, report=page)
        for line in (*(f"{one.model}: {one.sentence}" for one in missing), *refused):
            typer.echo(line, err=True)
        finish(json_output, document, "\n".join(map(_line, joined)), code=CODES[document["outcome"]])


def _outcome(joined, missing):
    if missing:
        return "incomplete"
    return "rejected" if any(one.outcome == "rejected" for one in joined) else "passed"


def _line(joined):
    return f"{joined.model}: {joined.best.algorithm or 'no candidate'} {joined.outcome}. {joined.sentence}"
