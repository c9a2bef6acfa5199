"""The notices of work that ran on several machines, so that no single one of them could tell."""

from pathlib import Path
from tempfile import TemporaryDirectory

from headgate.candidates.missing import Missing, notice_of
from headgate.notices import Notice
from headgate.notices.of_runs import of_training, serving_now
from headgate.notices.of_upkeep import of_retraining
from headgate.registry import read
from headgate.release.package import open_package
from headgate.release.publish import waits_instead
from headgate.release.waiting import RELEASED, TAKEN_BACK, last_words, said_of


def of_result(workspace, summary, *, run=""):
    """Return the notices of a summary that was kept. Of a decision to train there is none: the training will tell."""
    serving = serving_now(workspace, summary["model"])
    if summary["outcome"] == "failed":
        return (notice_of(Missing(model=summary["model"], sentence=summary["sentence"], flow="validate"),
                          serving=serving, run=run),)
    if summary.get("flow") != "retrain":
        return of_training(summary, serving=serving, run=run)
    return () if summary["train"] else of_retraining({**summary, "dry_run": False}, serving=serving, run=run)


def of_package(workspace, folder, *, run="", wrong=(), stuck=()):
    """Yield the notices of a package that was to be released here, and perhaps was taken back.

    wrong : names of the steps towards its release that did not succeed. stuck : of those that were to take it back.
    """
    with TemporaryDirectory(prefix="headgate-package-") as scratch:
        package = open_package(folder, Path(scratch) / "package")
    for one in package.releases:
        kind, what = _came_to(workspace, package, one, wrong, stuck)
        why = [f"Not right: {', '.join((*wrong, *stuck))}."] if wrong or stuck else []
        yield Notice(kind, one.model, what,
                     why=" ".join([*why, f"Package {package.sha256[:16]}, bundle {one.digest[:16]}."]),
                     serving=serving_now(workspace, one.model), look=(f"run: {run}",) if run else (),
                     about=one.version if kind != "failed" else f"deployment of version {one.version}")


def _came_to(workspace, package, one, wrong, stuck):
    """Return (kind, what happened) of one version of a package."""
    champion, last = read.champion(workspace, one.model), last_words(workspace, one.model).get(one.digest)
    serves, name = champion is not None and champion.digest == one.digest, f"Version {one.version}"
    if stuck:
        return "failed", f"{name} was not proved in production, and taking it back failed: {', '.join(stuck)}."
    if serves and last is not None and last.event == RELEASED:
        return ("failed", f"{name} is champion and released, and was not proved in production.") if wrong else \
            ("deployed", f"{name} is champion and released.")
    if serves:
        why = f"Version {one.before} is not the previous one any more" if one.before else "It took nobody's place"
        return "failed", f"{name} was not proved in production. {why}, so it stays champion of the registry; it " \
                         "counts as not released, and waits to be released again."
    if said_of(last, TAKEN_BACK, package):
        return "rolled_back", f"{name} was released and is taken back."
    gone = read.find_digest(workspace, one.model, one.digest) is None
    why = f" It was superseded while the deployment waited. {waits_instead(workspace, one.model)}" if gone else ""
    return "failed", f"{name} was not released.{why}"
