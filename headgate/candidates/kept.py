"""A run's result as a folder that can be carried: its summary, its sealed bundle and its reports.

    summary.json      what `--json` printed
    bundle/           if a model came of it, rejected or not; the summary has its digest
    reports/          the model card, or the validation report

Quarantined rows are not among it: a folder that is carried may be read by more people than the table.
"""

import json
import logging
import shutil
from dataclasses import dataclass
from pathlib import Path

from headgate.bundle import read_evaluation, read_gates, read_lineage, verify
from headgate.bundle.manifest import MANIFEST, file_sum
from headgate.bundle.read import read_part
from headgate.errors import BundleBroken, StorageError, VersionNotFound
from headgate.registry import read

log = logging.getLogger(__name__)
SUMMARY, BUNDLE, REPORTS = "summary.json", "bundle", "reports"
SUFFIXES = (".html", ".md", ".json")


@dataclass(frozen=True)
class Result:
    """What one training came to. bundle : its folder, verified, or None where no model came of it."""

    folder: Path
    summary: dict
    bundle: Path | None

    @property
    def model(self):
        return self.summary["model"]

    @property
    def algorithm(self):
        return self.summary.get("algorithm") or ""

    @property
    def digest(self):
        return self.summary.get("bundle") or ""

    @property
    def decision(self):
        return read_gates(self.bundle)["decision"] if self.bundle else "reject"

    @property
    def mean(self):
        """Mean accuracy over the folds of the cross-validation; -1 without any."""
        folds = read_evaluation(self.bundle).get("folds") or () if self.bundle else ()
        return sum(folds) / len(folds) if folds else -1.0

    @property
    def champion(self):
        """What the champion was when this was judged: version, digest, metrics, changed rows; None without one."""
        return read_part(self.bundle, "champion") if (self.bundle / "champion.json").is_file() else None

    @property
    def like(self):
        """What must be the same of candidates that are compared."""
        lineage = read_lineage(self.bundle)
        named = ("model", "data_digest", "spec_digest", "features_digest", "holdout", "as_of", "lock_digest")
        return {name: lineage.get(name) for name in named} | {"champion": (self.champion or {}).get("digest")}


def keep_run(workspace, summary, folder):
    """Write the result of a run into the new `folder`; return it. Raises StorageError where there is one already."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True)
        (folder / SUMMARY).write_text(json.dumps(summary, indent=1, sort_keys=True, default=str) + "\n",
                                      encoding="utf-8")
        _copy_reports(summary.get("report"), folder / REPORTS)
        if summary.get("bundle"):
            shutil.copytree(find_bundle(workspace, summary["model"], summary["bundle"]), folder / BUNDLE)
    except FileExistsError:
        raise StorageError(f"{folder} exists already.", remedy="Name a folder that does not exist yet.") from None
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error}.") from error
    return folder


def copy_result(result, folder):
    """Copy a Result to the new `folder`. Raises StorageError where there is one already."""
    try:
        shutil.copytree(result.folder, folder)
    except FileExistsError:
        raise StorageError(f"{folder} exists already.", remedy="Name a folder that does not exist yet.") from None
    except (OSError, shutil.Error) as error:
        raise StorageError(f"{folder} cannot be written: {error}.") from error


def find_bundle(workspace, model, digest):
    """Return the folder of the bundle of that digest: of a version, or of a candidate that was rejected."""
    known = read.find_digest(workspace, model, digest)
    if known is not None:
        return read.bundle_folder(workspace, known)
    for manifest in sorted(workspace.staging.glob(f"{model}-*/{MANIFEST}")):
        if file_sum(manifest) == digest:
            return manifest.parent
    raise VersionNotFound(f"There is no bundle of {model!r} with that digest here.", value=digest[:16],
                          remedy="It may have been pruned; train again.")


def read_results(folder):
    """Return the Result of every folder under `folder` that has a summary, in order of their paths.

    Each bundle is verified by the digest in its summary. Raises BundleBroken.
    """
    return tuple(_result(path.parent, _summary(path.parent)) for path in sorted(Path(folder).rglob(SUMMARY)))


def sort_results(folder):
    """Return (the Results that can be used, (model, why) of each whose bundle is not what it should be).

    A summary that cannot be read tells of no model: it is logged, and its training counts as one without a result.
    """
    found, broken = [], []
    for path in sorted(Path(folder).rglob(SUMMARY)):
        try:
            summary = _summary(path.parent)
        except BundleBroken as error:
            log.error("%s", error)
            continue
        try:
            found.append(_result(path.parent, summary))
        except BundleBroken as error:
            broken.append((summary["model"], str(error)))
    return found, broken


def _summary(folder):
    try:
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        return {**summary, "model": str(summary["model"])}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BundleBroken(f"{folder / SUMMARY} is not what a training wrote.", value=type(error).__name__) from None


def _result(folder, summary):
    model, digest = summary["model"], summary.get("bundle")
    if not digest:
        return Result(folder, summary, None)
    verify(folder / BUNDLE, digest=digest)
    if read_lineage(folder / BUNDLE).get("model") != model:
        raise BundleBroken(f"{folder}: the bundle is of another model.", limit=model)
    return Result(folder, summary, folder / BUNDLE)


def _copy_reports(report, folder):
    """Copy a page with what lies beside it under the same name, and its plots."""
    if not report or not Path(report).is_file():
        return
    page = Path(report)
    folder.mkdir()
    for suffix in SUFFIXES:
        if page.with_suffix(suffix).is_file():
            shutil.copyfile(page.with_suffix(suffix), folder / page.with_suffix(suffix).name)
    if page.name == "report.html" and (page.parent / "plots").is_dir():
        shutil.copytree(page.parent / "plots", folder / "plots")
