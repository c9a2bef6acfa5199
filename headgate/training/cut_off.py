"""Know a run that was killed behind its registration, so that the next one only finishes what was left."""

import json

from headgate import ledger
from headgate.bundle import read_evaluation, read_gates, read_lineage
from headgate.errors import VersionNotFound
from headgate.registry.read import bundle_folder, find_version
from headgate.training.values import Judged

FINISHING = ("registered", "waits as challenger", "promoted")
LOOKING = ("drift found", "no drift", "retraining due", "retraining not due", "retrained")   # nothing happens to it


def registered_for(workspace, request):
    """Return the RegisteredVersion that a run of this very request left, or None.

    Only while nothing else has happened to the model since: whatever came later is a reason to train.
    """
    told = [entry for entry in ledger.entries(workspace, request.model) if entry.event not in LOOKING]
    if not told or told[-1].event not in FINISHING:
        return None
    version = told[-1].version
    made = next((entry for entry in told if entry.event == "registered" and entry.version == version), None)
    if made is None or json.loads(made.body).get("request") != request.key:
        return None
    try:
        return find_version(workspace, request.model, version)
    except VersionNotFound:     # killed before its last tag: nothing may use it
        return None


def judged_of(workspace, version):
    """Return (Judged, digest of the data) as they were when `version` was registered."""
    folder = bundle_folder(workspace, version)
    lineage = read_lineage(folder)
    return Judged(str(folder), version.digest, read_gates(folder), read_evaluation(folder)["metrics"]["accuracy"],
                  lineage["algorithm"]), lineage["data_digest"]
