"""The notices of work that ran on several machines, so that no single one of them could tell."""

from pathlib import Path
from tempfile import TemporaryDirectory

from headgate.candidates.missing import Missing, notice_of
from headgate.errors import HeadgateError
from headgate.notices import Notice
from headgate.notices.of_runs import of_training, serving_now
from headgate.notices.of_upkeep import of_retraining
from headgate.registry import read
from headgate.release.package import open_package
from headgate.release.publish import why_gone
from headgate.release.waiting import RELEASED, TAKEN_BACK, last_words, said_of


KEPT, LEFT = "success", "skipped"
NEW = ("promoted", "registered", "held")


def of_result(workspace, summary, *, run="", kept=KEPT):
    """Return the notices of a summary that was kept. Of a decision to train there is none: the training will tell.

    kept : how the job ended that writes new versions down for the next run. Of a version that it did not write none
        is told, but where it failed that there is none.
    """
    serving = serving_now(workspace, summary["model"])
    if summary["outcome"] in NEW and not _is_kept(workspace, summary, kept):
        return () if kept == LEFT or summary["outcome"] == "held" else (_not_kept(summary, serving, run, kept),)
    if summary["outcome"] == "failed":
        return (notice_of(Missing(model=summary["model"], sentence=summary["sentence"], flow="validate"),
                          serving=serving, run=run),)
    if summary.get("flow") != "retrain":
        return of_training(summary, serving=serving, run=run)
    return () if summary["train"] else of_retraining({**summary, "dry_run": False}, serving=serving, run=run)


def _is_kept(workspace, summary, kept):
    return kept == KEPT or read.find_digest(workspace, summary["model"], summary["bundle"]) is not None


def _not_kept(summary, serving, run, kept):
    return Notice("failed", summary["model"], "A version passed every gate and could not be kept, so it is lost.",
                  why=f"Keeping it ended with {kept!r}. {summary['sentence']}", serving=serving, about="training",
                  look=(f"the log of the job that keeps it: {run}" if run else "the log of the job that keeps it",))


def of_package(workspace, folder, *, run="", wrong=(), stuck=(), expected=(), unknown=""):
    """Return the notices of a package that was to be released here, and perhaps was taken back.

    wrong : names of the steps towards its release that did not succeed. stuck : of those that were to take it back.
    expected : model, version and digest of what was to be in it, for one that cannot be opened.
    unknown : why it cannot be told what serves, where it cannot.
    """
    try:
        with TemporaryDirectory(prefix="headgate-package-") as scratch:
            package = open_package(folder, Path(scratch) / "package")
    except HeadgateError as error:
        if not expected:
            raise
        if unknown:
            return [_untold(one, f"{error} {unknown}", run, wrong, stuck) for one in expected]
        return [_unusable(workspace, one, error, run, wrong) for one in expected]
    if unknown:
        return [_untold(one, unknown, run, wrong, stuck) for one in package.releases]
    return list(_of_releases(workspace, package, run, wrong, stuck))


def of_unproved(workspace, expected, *, run="", wrong=()):
    """Return the notices of versions that never came as far as production. wrong : names of the steps that failed."""
    return [Notice("not_deployed", one.model, f"Version {one.version} was not deployed: it was not proved on staging.",
                   why=" ".join(_not_right(wrong)), serving=serving_now(workspace, one.model), look=_look(run),
                   about=f"staging {one.version}") for one in expected]


def _untold(one, unknown, run, wrong, stuck):
    what = f"Version {one.version} was to be released, and whether it serves now cannot be told."
    return Notice("failed", one.model, what, why=" ".join([*_not_right((*wrong, *stuck)), unknown]), look=_look(run),
                  about=f"deployment of version {one.version}")


def _unusable(workspace, one, error, run, wrong):
    serves = _champion_digest(workspace, one.model) == one.digest
    what = f"Version {one.version} is champion, and its package cannot be used any more." if serves else \
        f"Version {one.version} was not released: its package cannot be used."
    return Notice("failed", one.model, what, why=" ".join([*_not_right(wrong), str(error)]),
                  serving=serving_now(workspace, one.model), look=_look(run),
                  about=f"deployment of version {one.version}")


def _not_right(steps):
    return [f"Not right: {', '.join(steps)}."] if steps else []


def _look(run):
    return (f"run: {run}",) if run else ()


def _of_releases(workspace, package, run, wrong, stuck):
    for one in package.releases:
        kind, what = _came_to(workspace, package, one, wrong, stuck)
        name = f"Package {package.sha256[:16]}, bundle {one.digest[:16]}."
        yield Notice(kind, one.model, what, why=" ".join([*_not_right((*wrong, *stuck)), name]),
                     serving=serving_now(workspace, one.model), look=_look(run),
                     about=one.version if kind != "failed" else f"deployment of version {one.version}")


def _champion_digest(workspace, model):
    champion = read.champion(workspace, model)
    return champion.digest if champion else ""


def _came_to(workspace, package, one, wrong, stuck):
    """Return (kind, what happened) of one version of a package."""
    last, name = last_words(workspace, one.model).get(one.digest), f"Version {one.version}"
    serves = _champion_digest(workspace, one.model) == one.digest
    if stuck:
        return "failed", f"{name} was not proved in production, and taking it back failed: {', '.join(stuck)}."
    if serves and last is not None and last.event == RELEASED:
        return ("failed", f"{name} is champion and released as before, and a step of this run failed.") if wrong else \
            ("deployed", f"{name} is champion and released.")
    if serves:
        why = f"Version {one.before} is not the previous one any more" if one.before else "It took nobody's place"
        return "failed", f"{name} was not proved in production. {why}, so it stays champion of the registry; it " \
                         "counts as not released, and waits to be released again."
    if said_of(last, TAKEN_BACK, package):
        return "rolled_back", f"{name} was released and is taken back."
    gone = read.find_digest(workspace, one.model, one.digest) is None
    return "failed", f"{name} was not released.{f' {why_gone(workspace, one)}' if gone else ''}"
