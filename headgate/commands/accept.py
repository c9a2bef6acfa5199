"""`accept`: take in what was trained elsewhere."""

import json
from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace


def accept(folder: Annotated[Path, typer.Argument(help="Folder with what `flows.train --keep` or `compare` wrote.")],
           expect: Annotated[str, typer.Option(metavar="JSON", help="The results that `compare` told: take in only "
                                               "these, by digest.")] = "",
           json_output: JsonOption = False):
    """Take candidates in as their trainings would have: registered and given their place, or recorded as rejected.

    Each bundle is verified, reproduces its golden rows, and must have been judged against the champion that serves
    here. Exit code 2 if one is not; those of other models are taken in all the same. A rejected candidate is recorded,
    and the exit code is 0.

    Examples:

        python -m headgate accept best
    """
    with command_errors(json_output):
        from headgate.candidates import accept as take_in
        from headgate.candidates import read_results
        from headgate.errors import BundleBroken, CandidatesDiffer

        workspace, chosen = Workspace.from_environment(), _chosen(expect)
        found = read_results(folder)
        _check_chosen(chosen, found)
        done, refused = [], {}
        for one in found:
            try:
                done.append(take_in(workspace, one, digest=chosen.get(one.model) if chosen else None))
            except (BundleBroken, CandidatesDiffer) as error:
                refused[one.model] = str(error)
                typer.echo(f"{one.model}: {error}", err=True)
        finish(json_output, {"accepted": [one.to_dict() for one in done], "refused": refused},
               "\n".join(map(_line, done)), code=2 if refused else 0)


def _chosen(text):
    """Return model -> digest of what `compare` told, or {} when nothing was."""
    try:
        return {one["model"]: one["digest"] for one in json.loads(text)} if text else {}
    except (ValueError, TypeError, KeyError):
        raise typer.BadParameter("--expect is the JSON list of results that `compare` prints") from None


def _check_chosen(chosen, found):
    from headgate.errors import CandidatesMissing
    if not found or chosen and sorted(chosen) != sorted(one.model for one in found):
        raise CandidatesMissing("The folder does not hold what was chosen.",
                                value=", ".join(sorted(one.model for one in found)) or "nothing",
                                limit=", ".join(sorted(chosen)) or "at least one result")


def _line(done):
    return f"{done.model}: {done.outcome}" + (f" as version {done.version}." if done.version else ".")
