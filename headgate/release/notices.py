"""The notices of work that ran on several machines, so that no single one of them could tell."""

from pathlib import Path
from tempfile import TemporaryDirectory

from headgate.notices import Notice
from headgate.notices.of_runs import of_training, serving_now
from headgate.notices.of_upkeep import of_retraining
from headgate.registry import read
from headgate.release.package import open_package


def of_result(workspace, summary, *, run=""):
    """Return the notices of a summary that was kept. Of a decision to train there is none: the training will tell."""
    serving = serving_now(workspace, summary["model"])
    if summary.get("flow") != "retrain":
        return of_training(summary, serving=serving, run=run)
    return () if summary["train"] else of_retraining({**summary, "dry_run": False}, serving=serving, run=run)


def of_package(workspace, folder, *, run=""):
    """Yield the notices of a package that was released here, and perhaps taken back."""
    with TemporaryDirectory(prefix="headgate-package-") as scratch:
        package = open_package(folder, Path(scratch) / "package")
    for one in package.releases:
        champion = read.champion(workspace, one.model)
        stays = champion is not None and champion.digest == one.digest
        what = f"Version {one.version} is champion and released." if stays else \
            f"Version {one.version} was released and is taken back."
        yield Notice("deployed" if stays else "rolled_back", one.model, what,
                     why=f"Package {package.sha256[:16]}, bundle {one.digest[:16]}.",
                     serving=serving_now(workspace, one.model), look=(f"run: {run}",) if run else (), about=one.version)
