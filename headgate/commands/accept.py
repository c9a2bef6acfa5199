"""`accept`: take in what was trained elsewhere."""

from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.expect import chosen
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.workspace import Workspace


def accept(folder: Annotated[Path, typer.Argument(help="Folder with what `flows.train --keep` or `compare` wrote.")],
           expect: Annotated[str, typer.Option(metavar="JSON", help="The results that `compare` told: take in only "
                                               "these, by digest.")] = "",
           json_output: JsonOption = False):
    """Take candidates in as their trainings would have: registered and given their place, or recorded as rejected.

    Each bundle is verified, reproduces its golden rows, and must have been judged against the champion that serves
    here. Exit code 2 if one is not, or is not among those that were chosen, or is missing; those of other models are
    taken in all the same. A rejected candidate is recorded, and the exit code is 0.

    Examples:

        python -m headgate accept best
    """
    with command_errors(json_output):
        from headgate.candidates import accept as take_in, sort_results
        from headgate.errors import BundleBroken, CandidatesDiffer

        workspace, digests = Workspace.from_environment(), chosen(expect)
        found, broken, strangers = sort_results(folder, "train", expected=digests)
        done, refused = [], dict(broken)
        _check_there(found, broken, digests)
        for one in found:
            try:
                done.append(take_in(workspace, one, digest=digests.get(one.model)))
            except (BundleBroken, CandidatesDiffer) as error:
                refused[one.model] = str(error)
        absent = sorted(set(digests) - {one.model for one in found} - set(refused))
        refused |= {name: "There is no result of it in the folder." for name in absent}
        for line in (*(f"{name}: {why}" for name, why in refused.items()), *strangers):
            typer.echo(line, err=True)
        finish(json_output, {"accepted": [one.to_dict() for one in done], "refused": refused, "strangers": strangers},
               "\n".join(map(_line, done)), code=2 if refused or strangers else 0)


def _check_there(found, broken, digests):
    from headgate.errors import CandidatesMissing
    if not found and not broken:
        raise CandidatesMissing("The folder does not hold what was chosen.", value="nothing",
                                limit=", ".join(sorted(digests)) or "at least one result")


def _line(done):
    return f"{done.model}: {done.outcome}" + (f" as version {done.version}." if done.version else ".")
