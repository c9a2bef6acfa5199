"""What validations on several machines found, on one page; and what is kept of one that could not run."""

from headgate.candidates.kept import REPORTS, keep_run, sort_results
from headgate.candidates.page import page_of_refused
from headgate.errors import StorageError
from headgate.report.page import markdown

REPORT = "validation.md"
NO_RESULT = "Its job left no result; its log may say why."
FIRST = ("failed", "invalid", "valid")      # a long page is cut at its end


def page_of_validations(folder, expected=()):
    """Return the Markdown of every validation that is kept under `folder`: what needs a person comes first.

    expected : names of the models that were to be validated; each of which there is no result is named.
    """
    found, broken, refused = sort_results(folder, "validate", expected=expected)
    told = dict(broken)
    told |= {name: NO_RESULT for name in expected if name not in told and name not in {one.model for one in found}}
    ordered = sorted(found, key=lambda one: (FIRST.index(one.summary["outcome"]), one.model))
    return "\n".join([*(page_of_failure(name, told[name]) for name in sorted(told)), *map(_page, ordered),
                      *page_of_refused(refused)])


def page_of_failure(model, why):
    """Return the Markdown of a validation that could not run."""
    return f"## Validation of {markdown(model)}: could NOT run\n\n{markdown(why)}\n"


def keep_failure(workspace, model, why, folder):
    """Write into the new `folder` that the validation of `model` could not run; return its summary."""
    summary = {"flow": "validate", "model": model, "outcome": "failed", "failed": [why], "sentence": why}
    place = keep_run(workspace, summary, folder) / REPORTS
    try:
        place.mkdir()
        (place / REPORT).write_text(page_of_failure(model, why), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{place} cannot be written: {error}.") from error
    return summary


def _page(result):
    try:
        return (result.folder / REPORTS / REPORT).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return page_of_failure(result.model, f"Its report is missing. {result.summary['sentence']}")
