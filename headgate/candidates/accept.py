"""Take a candidate that was trained and judged elsewhere in, as the training itself would have."""

from dataclasses import dataclass

from headgate import ledger
from headgate.bundle import read_lineage, read_spec
from headgate.bundle.golden import check_golden
from headgate.errors import BundleBroken, CandidatesDiffer
from headgate.registry import aliases, read, register
from headgate.registry.values import RunDetails


@dataclass(frozen=True)
class Accepted:
    """outcome : promoted, registered, held, rejected or unchanged. version : its number, or "" for a rejected one."""

    model: str
    outcome: str
    version: str
    digest: str

    def to_dict(self):
        return dict(vars(self))


def accept(workspace, result, *, digest=None):
    """Register the Result of a training where it was promoted or held, keep the record of one that was rejected.

    digest : what its bundle must be, as told by whoever chose it.
    Raises BundleBroken, and CandidatesDiffer when another champion serves here than the one it was judged against.
    """
    if digest is not None and result.digest != digest:
        raise BundleBroken(f"{result.folder} is another candidate than the one that was chosen.",
                           value=result.digest or "no bundle", limit=digest or "no bundle",
                           remedy="Nothing was taken in. Train again.")
    if result.bundle is None:
        ledger.append(workspace, result.model, "data rejected",
                      body={"rows": result.summary["rows"], "failed": list(result.summary["failed"])})
        return Accepted(result.model, "rejected", "", "")
    check_golden(result.bundle)
    _check_champion(workspace, result)
    details = RunDetails(name=f"{result.model} {result.algorithm}",
                         tags={"headgate.data": str(read_lineage(result.bundle).get("data_digest"))})
    if result.decision == "reject":
        register.log_rejected(workspace, result.bundle, model=result.model, run_details=details, digest=result.digest)
        return Accepted(result.model, "rejected", "", result.digest)
    version = register.register(workspace, result.bundle, run_details=details)
    outcome = aliases.accept(workspace, version, bootstrap=read_spec(result.bundle).rollout.bootstrap)
    return Accepted(result.model, "unchanged" if version.existed else outcome, version.version, version.digest)


def _check_champion(workspace, result):
    judged_by = (result.champion or {}).get("digest", "")
    serving = read.champion(workspace, result.model)
    now = serving.digest if serving else ""
    if judged_by != now and result.digest != now:
        raise CandidatesDiffer(f"This candidate of {result.model!r} was judged against another champion.",
                               value=judged_by[:16] or "none", limit=now[:16] or "none",
                               remedy="Train again, so that it is compared with the one that serves.")
