"""A run's result as a folder that can be carried: its summary, its sealed bundle and its reports.

    summary.json      what `--json` printed
    bundle/           if a model came of it, rejected or not; the summary has its digest
    reports/          the model card, or the validation report

Quarantined rows are not among it: a folder that is carried may be read by more people than the table.
"""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from headgate.bundle import read_evaluation, read_gates, read_lineage, verify
from headgate.bundle.manifest import MANIFEST, file_sum
from headgate.bundle.read import read_part
from headgate.candidates.summary import Trained, read_summary
from headgate.errors import BundleBroken, StorageError, VersionNotFound
from headgate.registry import read

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


class Sorted(NamedTuple):
    """found : Results. broken : (model, why) of each that cannot be used. refused : why, of what is nobody's."""

    found: list
    broken: list
    refused: list


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
    """Copy a Result, and nothing beside it, to the new `folder`. Raises StorageError where there is one already."""
    try:
        folder.mkdir()
        shutil.copyfile(result.folder / SUMMARY, folder / SUMMARY)
        for name in (BUNDLE, REPORTS):
            if (result.folder / name).is_dir():
                shutil.copytree(result.folder / name, folder / name)
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


def sort_results(folder, flow="", *, expected=()):
    """Return the Sorted summaries of the runs of `flow` that are kept under `folder`, in order of their paths.

    flow : train, retrain or validate; any when empty. expected : names of models; with any, what is of another model
        is refused.
    """
    sorted_ = Sorted([], [], [])
    for path in sorted(Path(folder).rglob(SUMMARY)):
        model, told = read_summary(path)
        why = _stranger(path, model, told, flow, expected)
        if why:
            sorted_.refused.append(why)
            continue
        try:
            sorted_.found.append(_result(path.parent, told))
        except BundleBroken as error:
            sorted_.broken.append((model, str(error)))
    return sorted_


def _stranger(path, model, told, flow, expected):
    """Return why a summary is nobody's, or ""."""
    if not model:
        return str(told)
    if expected and model not in expected:
        return f"{path} is of {model}, and nothing of that model was begun."
    if flow and not isinstance(told, Exception) and told.flow != flow:
        return f"{path} was written by another flow ({told.flow}, not {flow})."
    return ""


def _result(folder, told):
    if isinstance(told, Exception):
        raise told
    if not isinstance(told, Trained):
        return Result(folder, told.to_dict(), None)
    verify(folder / BUNDLE, digest=told.bundle)
    if read_lineage(folder / BUNDLE).get("model") != told.model:
        raise BundleBroken(f"{folder}: the bundle is of another model.", limit=told.model)
    return Result(folder, told.to_dict(), folder / BUNDLE)


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
