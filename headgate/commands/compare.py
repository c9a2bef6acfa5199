"""`compare`: join what several trainings kept, and say which candidate is the best of each model."""

import json
from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.github import GithubOption, need_github, tell_github
from headgate.commands.shell import JsonOption, command_errors, finish


def compare(folder: Annotated[Path, typer.Argument(help="Folder with what `flows.train --keep` wrote, however deep.")],
            expect: Annotated[str, typer.Option(metavar="JSON", help="The candidates that `plan` told; one that is "
                                                "missing is an error.")] = "[]",
            output: Annotated[Path | None, typer.Option(help="New folder: the best candidate of each model, and "
                                                             "report.md.")] = None,
            json_output: JsonOption = False, github: GithubOption = False):
    """Choose the best candidate of each model by cross-validation, as one training of them all would have.

    Every bundle is verified by its digest. Exit code 1: the best of some model was rejected. 2: a training left no
    result, or the candidates were not trained on the same.

    Examples:

        HEADGATE_HOME=one python -m flows.train --model tumors --algorithm random_forest --keep kept/forest

        HEADGATE_HOME=two python -m flows.train --model tumors --algorithm xgboost --keep kept/trees

        python -m headgate compare kept --output best
    """
    with command_errors(json_output):
        from headgate.candidates import join, read_results
        from headgate.candidates.kept import copy_result
        from headgate.candidates.page import page_of

        need_github(github)
        joined = join(read_results(folder), _candidates(expect))
        page = "\n".join(page_of(one) for one in joined)
        if output is not None:
            for one in joined:
                copy_result(one.best, output / one.model)
            (output / "report.md").write_text(page, encoding="utf-8")
        document = {"results": [one.to_dict() for one in joined],
                    "outcome": "rejected" if any(one.outcome == "rejected" for one in joined) else "passed"}
        tell_github(github, document, report=page)
        finish(json_output, document, "\n".join(map(_line, joined)), code=int(document["outcome"] == "rejected"))


def _candidates(text):
    try:
        found = json.loads(text)
        return [{"model": str(one["model"]), "algorithm": str(one["algorithm"])} for one in found]
    except (ValueError, TypeError, KeyError):
        raise typer.BadParameter("--expect is a JSON list of {model, algorithm}, as `plan` prints it") from None


def _line(joined):
    return f"{joined.model}: {joined.best.algorithm or 'no candidate'} {joined.outcome}. {joined.sentence}"
