"""What a comparison, or a look at decisions, leaves for later steps, as a folder.

    MODEL/          the result of each model that has one: of several candidates, the best
    report.md       for people, of all models
    missing.json    the models without a result, and why
"""

from headgate.candidates.kept import copy_result
from headgate.candidates.missing import write_missing
from headgate.errors import StorageError

REPORT = "report.md"


def write_output(folder, results, missing, page):
    """Write it into `folder`; results : one Result per model. Raises StorageError where one has a folder there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for one in results:
            copy_result(one, folder / one.model)
        (folder / REPORT).write_text(page, encoding="utf-8")
        write_missing(folder, missing)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}.") from error
