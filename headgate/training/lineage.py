"""Where a version came from, so that it can be made again."""

import importlib.metadata
import platform
import subprocess
from pathlib import Path

from headgate.data import holdout_rule
from headgate.spec import spec_digest
from headgate.training.digests import features_digest, lock_digest

LIBRARIES = ("scikit-learn", "xgboost", "xgboost-cpu", "onnx", "onnxruntime", "skl2onnx", "onnxmltools", "ndonnx",
             "numpy", "pandas", "pyarrow")


def lineage_of(job, snapshot, candidate, *, added=0):
    """Return the document of lineage.json. added : rows of the table that come from the prediction log."""
    spec, request = job.spec, job.request
    return {
        "model": spec.name, "algorithm": candidate.algorithm, "parameters": candidate.parameters, "seed": spec.seed,
        "folds": list(candidate.folds), "spec_digest": spec_digest(spec),
        "features_digest": features_digest(job.folder), "data_digest": snapshot.digest, "data": request.data,
        "source_fingerprint": request.fingerprint, "as_of": request.as_of and request.as_of.isoformat(),
        "holdout": holdout_rule(spec, request.as_of).to_dict(),
        "prediction_log": {"rows": added, "digest": Path(request.labelled).stem} if added else None,
        "training_rows": candidate.training_rows, "holdout_rows": candidate.holdout_rows,
        "graph_digest": candidate.digest, "git_commit": git_commit(job.workspace.root), "lock_digest": lock_digest(),
        "libraries": library_versions(), "python": platform.python_version(), "platform": platform.platform(),
    }


def library_versions():
    """Return the installed version of every library that a fit or its graph depends on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def git_commit(root):
    """Return the commit checked out in `root`, with "-dirty" behind it for uncommitted changes; None without git."""
    try:
        answer = subprocess.run(["git", "-C", str(root), "describe", "--always", "--abbrev=40", "--dirty",
                                 "--exclude", "*"],     # a tag would be told in place of the commit
                                capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return answer.stdout.strip() or None
