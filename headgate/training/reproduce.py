"""Train a version again from its record and say whether it answers the same, bit for bit."""

import platform
import shutil
import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from headgate.bundle.read import read_golden, read_lineage, read_spec
from headgate.bundle import verify
from headgate.data import Snapshot, content_digest, read_snapshot, to_columns
from headgate.errors import RegistryError
from headgate.graph.scorer import Scorer
from headgate.registry.read import bundle_folder, find_version
from headgate.training.digests import lock_digest
from headgate.training.fit import fit_candidate
from headgate.training.lineage import git_commit, library_versions
from headgate.training.table import load_split
from headgate.training.values import Request, Scored


@dataclass(frozen=True)
class Reproduced:
    """same : every probability on the holdout is equal bit for bit; max_difference : the largest difference.

    differs : what is not as it was then, in sentences; empty when nothing is known to differ.
    """

    model: str
    version: str
    same: bool
    max_difference: float
    rows: int
    differs: tuple[str, ...]

    def to_dict(self):
        return {"model": self.model, "version": self.version, "same": self.same, "rows": self.rows,
                "max_difference": self.max_difference, "differs": list(self.differs)}


def reproduce(workspace, model, version):
    """Train `version` of `model` again from its own spec, features and snapshot; returns a Reproduced.

    Raises RegistryError when its snapshot is gone or is not what it was, BundleBroken when the bundle is not.
    """
    found = find_version(workspace, model, version)
    bundle = bundle_folder(workspace, found)
    verify(bundle, digest=found.digest)
    lineage, spec = read_lineage(bundle), read_spec(bundle)
    request = Request(model, lineage["as_of"] and date.fromisoformat(lineage["as_of"]), (lineage["algorithm"],),
                      lineage["data"], lineage["source_fingerprint"], "")
    split = load_split(spec, request, _snapshot(workspace, lineage))
    scored = Scored(lineage["algorithm"], lineage["parameters"], tuple(lineage["folds"]), 0.0)
    scratch = Path(tempfile.mkdtemp(prefix="headgate-"))
    try:
        again = fit_candidate(spec, bundle, scored, split, scratch / "candidate")
        difference, rows = _compare(spec, split, bundle, again.folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Reproduced(model, str(version), difference == 0.0, difference, rows,
                      _differences(workspace, lineage, difference))


def _snapshot(workspace, lineage):
    path = workspace.snapshots / f"{lineage['data_digest']}.parquet"
    if not path.is_file():
        raise RegistryError(f"The snapshot that this version was trained on is gone: {path}.",
                            remedy="Restore it from a backup, or run the training that wrote it again.")
    snapshot = Snapshot(path.resolve().as_uri(), lineage["data_digest"],
                        lineage["training_rows"] + lineage["holdout_rows"])
    seen = content_digest(read_snapshot(snapshot))
    if seen != snapshot.digest:
        raise RegistryError(f"The snapshot that this version was trained on was changed: {path}.", value=seen[:12],
                            limit=snapshot.digest[:12], remedy="Restore it from a backup, or delete it and run the "
                            "training that wrote it again.")
    return snapshot


def _compare(spec, split, before, after):
    """Return (largest difference, rows) over holdout and golden rows."""
    columns = to_columns(split.holdout, spec)
    theirs, ours = (Scorer(folder / "model.onnx").probabilities(columns) for folder in (before, after))
    difference = float(np.max(np.abs(theirs - ours), initial=0.0))
    if read_golden(before)["columns"] != read_golden(after)["columns"]:
        difference = float("inf")
    return difference, len(theirs)


def _differences(workspace, lineage, difference):
    """Say what is not as it was; when the answers differ and nothing else does, say that too."""
    now = {"python": platform.python_version(), "platform": platform.platform(), "lock_digest": lock_digest(),
           "git_commit": git_commit(workspace.root)}
    found = [f"{name}: {lineage[name]} then, {value} now" for name, value in now.items() if lineage[name] != value]
    installed = library_versions()
    for name in sorted(set(installed) | set(lineage["libraries"])):
        then, current = lineage["libraries"].get(name), installed.get(name)
        if then != current:
            found.append(f"{name}: {then} then, {current} now")
    if difference and not found:
        found.append("the fit itself: threads or processor give another order of floating-point sums")
    return tuple(found)
