"""`--keep FOLDER`: what a run came to as a folder that another machine can take up."""

from pathlib import Path
from typing import Annotated

import typer

KeepOption = Annotated[Path | None, typer.Option(
    metavar="FOLDER", help="Write summary, bundle and reports into this new folder, for `python -m headgate compare`.")]


def keep_result(folder, summary):
    """Write the result of a run into `folder`, if there is one to write to."""
    if folder is None:
        return
    from headgate.candidates import keep_run
    from headgate.workspace import Workspace

    keep_run(Workspace.from_environment(), summary, folder)
