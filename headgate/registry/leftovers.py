"""Find and remove what interrupted work left behind, and old snapshots and reports."""

import shutil
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from headgate import ledger
from headgate.bundle import read_lineage
from headgate.errors import Busy, StorageError
from headgate.lock import REGISTRY, TRAINING, model_lock
from headgate.registry import read

DAY = 86_400


@dataclass(frozen=True)
class Leftover:
    """kind : "version", "run", "staging", "snapshot", "labelled", "candidate" or "report".  name : number, id or path.
    why : one phrase."""

    kind: str
    model: str
    name: str
    why: str

    def to_dict(self):
        return asdict(self)


def prune(workspace, *, keep=10, older_than=DAY, apply=False, now=None):
    """Return (what is or would be removed, models that were busy and left alone).

    keep : newest snapshots and candidates, and reports of each model, that stay beside those an alias points to.
    older_than : seconds; younger staging folders stay.
    apply : remove; otherwise only list.
    """
    found, names = [], read.list_names(workspace)
    with ExitStack() as held:
        busy = [model for model in _known(workspace, names) if not _take(held, workspace, model)]
        for model in names:
            if model not in busy:
                found += _half_made(workspace, model, apply)
        paths = _old_staging(workspace, older_than, time.time() if now is None else now)
        paths += _old_files(workspace, keep, busy)
        if apply:
            for leftover in paths:
                _remove(Path(leftover.name))
    return tuple(found + paths), tuple(busy)


def _known(workspace, names):
    """Names of all models, also of those that have no version yet but may be in training."""
    trained = {path.name.split(".")[0] for path in workspace.locks.glob(f"*.{TRAINING}.lock")}
    return sorted({*names, *trained})


def _take(held, workspace, model):
    """Hold the model's locks until `held` ends; False when another process has one."""
    try:
        with ExitStack() as both:
            for purpose in (TRAINING, REGISTRY):
                both.enter_context(model_lock(workspace, model, purpose=purpose))
            held.push(both.pop_all())
        return True
    except Busy:
        return False


def _half_made(workspace, model, apply):
    from headgate.registry import mlflow_store
    versions = [one for one in read.list_versions(workspace, model, half_made=True) if not one.complete]
    with mlflow_store.connect(workspace, write=apply) as client:
        runs = mlflow_store.running_runs(client, model)
        if apply:
            for version in versions:
                mlflow_store.discard_version(client, version)
            for run_id, model_ids in runs:
                mlflow_store.discard_run(client, run_id, model_ids)
    found = [Leftover("version", model, one.version, "its registering was cut off") for one in versions]
    found += [Leftover("run", model, run_id, "its process ended before it did") for run_id, _ in runs]
    if apply and found:
        ledger.append(workspace, model, "pruned", body={"removed": [one.to_dict() for one in found]})
    return found


def _old_staging(workspace, older_than, now):
    drafts = [*workspace.staging.glob("*"), *workspace.home.glob("*.new"),
              *(workspace.home / "predictions").glob(".*.part"), *workspace.quarantine.glob("*/.*.part")]
    return [Leftover("staging", "", str(path), "left by work that never ended") for path in sorted(drafts)
            if now - path.stat().st_mtime > older_than]


def _old_files(workspace, keep, busy):
    """Snapshots and candidates belong to no one model: while any is in training, all of them stay."""
    wanted, found = _digests_in_use(workspace), []
    shared = [("snapshot", workspace.snapshots), ("labelled", workspace.home / "labelled"),
              ("candidate", workspace.home / "candidates")] if not busy else []
    folders = shared + [("report", folder) for folder in sorted(workspace.reports.glob("*")) if folder.name not in busy]
    for kind, folder in folders:
        entries = sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime) if folder.is_dir() else []
        old = entries[:-keep] if keep else entries
        found += [Leftover(kind, "", str(path), f"not among the newest {keep}, and no alias needs it")
                  for path in old if not any(digest and digest[:16] in path.name for digest in wanted)]
    return found


def _digests_in_use(workspace):
    digests = set()
    for model in read.list_names(workspace):
        for version in read.list_versions(workspace, model):
            if version.aliases:
                lineage = read_lineage(read.bundle_folder(workspace, version))
                logged = lineage.get("prediction_log") or {}
                digests |= {version.digest, lineage.get("data_digest"), logged.get("digest")}
    return digests


def _remove(path):
    try:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(f"{path} cannot be removed: {error.strerror}.") from error
