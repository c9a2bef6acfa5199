"""What a comparison leaves for later steps, as a folder.

    MODEL/          the best candidate of each model that has a result
    report.md       for reviewers, of all models
    missing.json    the models without a result, and why
"""

import json

from headgate.candidates.join import Missing
from headgate.candidates.kept import copy_result
from headgate.errors import BundleBroken, StorageError
from headgate.notices.notice import Notice

REPORT, MISSING = "report.md", "missing.json"


def write_output(folder, joined, missing, page):
    """Write it into `folder`. Raises StorageError where a model has a folder there already."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in joined:
            copy_result(one.best, folder / one.model)
        (folder / REPORT).write_text(page, encoding="utf-8")
        (folder / MISSING).write_text(json.dumps([one.to_dict() for one in missing], indent=1) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}.") from error


def read_missing(folder):
    """Return each Missing that was written into `folder`; none where nothing was."""
    path = folder / MISSING
    if not path.is_file():
        return ()
    try:
        return tuple(Missing(one["model"], tuple(one["algorithms"]), one["sentence"])
                     for one in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleBroken(f"{path} is not what a comparison wrote.", value=type(error).__name__) from None


def notice_of(missing, *, serving="", run=""):
    """Return the Notice of a model without a result."""
    return Notice("failed", missing.model, "The training left no result, and nothing was registered.",
                  why=missing.sentence, serving=serving, about="training",
                  look=(f"the logs of its trainings: {run}" if run else "the logs of its trainings",))
