"""What is left of a validation that could not run, where its result is waited for: a summary, a page, a notice."""

import os
from contextlib import contextmanager

from flows.launch.github import tell_github


@contextmanager
def telling_failure(model, folder, github):
    """Keep in `folder` that the validation of `model` could not run and tell the team, if there is a folder.

    Whatever was raised is raised all the same.
    """
    from headgate.errors import HeadgateError
    from headgate.spec.name import is_folder

    try:
        yield
    except Exception as error:
        if folder is not None and is_folder(model):
            why = str(error) if isinstance(error, HeadgateError) else \
                f"Something unforeseen went wrong ({type(error).__name__})."
            _keep(model, why, folder, github)
            _tell(model, why)
        raise


def _keep(model, why, folder, github):
    from headgate.candidates.validated import keep_failure, page_of_failure
    from headgate.workspace import Workspace

    summary = keep_failure(Workspace.from_environment(), model, why, folder)
    tell_github(github, summary, report=page_of_failure(model, why))


def _tell(model, why):
    from headgate.candidates.missing import Missing, notice_of
    from headgate.commands.github import run_url
    from headgate.notices.of_runs import serving_now
    from headgate.workspace import Workspace
    from tasks.notifying import announce, anybody_listens
    from tasks.scoring import Place

    place = Place(Workspace.from_environment())
    if anybody_listens(place, model):
        announce(place, notice_of(Missing(model=model, sentence=why, flow="validate"), run=run_url(os.environ),
                                  serving=serving_now(place.workspace, model)))
