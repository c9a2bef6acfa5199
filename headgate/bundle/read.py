"""Read the parts of a bundle."""

import json
from pathlib import Path

from headgate.errors import BundleBroken

KEYS = {"golden": ("columns", "probabilities", "tolerance"), "gates": ("decision", "gates"), "evaluation": ("metrics",),
        "lineage": ("algorithm", "parameters", "folds", "data_digest", "data", "source_fingerprint", "as_of", "holdout",
                    "training_rows", "holdout_rows", "libraries", "python", "platform", "lock_digest", "git_commit")}


def read_part(folder, name):
    """Return the parsed `folder`/`name`.json; raise BundleBroken when it is missing or no JSON object."""
    path = Path(folder) / f"{name}.json"
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BundleBroken(f"{path} does not exist.") from None
    except ValueError as error:
        raise BundleBroken(f"{path} is not JSON: {error}.") from None
    if not isinstance(document, dict):
        raise BundleBroken(f"{path} is no JSON object.", value=type(document).__name__)
    return document


def read_whole_part(folder, name):
    """Return the parsed `folder`/`name`.json; raise BundleBroken also when what others read of it is missing."""
    document = read_part(folder, name)
    missing = [key for key in KEYS[name] if key not in document]
    if missing:
        raise BundleBroken(f"{folder}: {name}.json is not whole.", value=f"without {', '.join(missing)}",
                           limit=", ".join(KEYS[name]))
    return document


def read_lineage(folder):
    """Where the version came from: algorithm, digests, commit, versions of libraries."""
    return read_part(folder, "lineage")


def read_golden(folder):
    """Golden rows: `columns`, `probabilities`, `tolerance`."""
    return read_part(folder, "golden")


def read_gates(folder):
    """The verdict: `decision` and one entry per gate."""
    return read_part(folder, "gates")


def read_evaluation(folder):
    """The evaluation on the holdout: `metrics`, `interval`, `confusion`, ..."""
    return read_part(folder, "evaluation")


def read_spec(folder):
    """Return the ModelSpec as it was when the version was trained."""
    from headgate.spec import ModelSpec
    return ModelSpec.model_validate(read_part(folder, "spec"))


def read_spec_of(folder):
    """Return the bundle's ModelSpec; raise BundleBroken when this Headgate cannot read it."""
    try:
        return read_spec(folder)
    except ValueError as error:
        raise BundleBroken(f"{folder}: spec.json cannot be used here: {' '.join(str(error).split())[:300]}") from None


def decision_of(folder):
    """Return "promote", "hold" or "reject"; raise BundleBroken for anything else."""
    decision = read_gates(folder).get("decision")
    if decision not in ("promote", "hold", "reject"):
        raise BundleBroken(f"{folder}/gates.json has no decision.", value=repr(decision), limit="promote, hold, reject")
    return decision
