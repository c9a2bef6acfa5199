"""Records of finished runs, by which an unchanged re-run is known without doing anything."""

import json
import os
import tempfile
from pathlib import Path

from headgate.registry import embedded


def write_record(workspace, request, summary):
    """Keep the summary of a finished run under its request key, atomically."""
    return write_json(_path(workspace, request), {**summary, "key": request.key})


def read_record(workspace, request):
    """Return the summary of the latest run if it was of this very request, else None.

    Only the latest run counts: after A, B, asking for A again is a change back, which trains.
    """
    path = _path(workspace, request)
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    if record.get("key") != request.key or not _still_there(workspace, record):
        return None
    return record


def write_summary(workspace, flow_run, summary):
    """Keep the summary of one flow run under its id."""
    return write_json(workspace.home / "runs" / "by-id" / f"{flow_run}.json", summary)


def read_summary(workspace, flow_run):
    """Return the summary of one flow run; raises FileNotFoundError without one."""
    return json.loads((workspace.home / "runs" / "by-id" / f"{flow_run}.json").read_text(encoding="utf-8"))


def write_json(path, document):
    """Write a JSON document so that a reader sees the old or the new one whole."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump(document, stream, sort_keys=True, default=str)
        stream.flush()
        os.fsync(stream.fileno())
    os.replace(draft, path)
    return path


def _path(workspace, request):
    return workspace.home / "runs" / request.model / "latest.json"


def _still_there(workspace, record):
    """False when its report was deleted, or its version is in the registry of this host no more."""
    if record.get("report") and not Path(record["report"]).exists():
        return False
    path = embedded.database_file(workspace.tracking_uri)
    known = embedded.read_versions(path, record["model"]) if path and record.get("version") else None
    return known is None or record["bundle"] in [one.digest for one in known if one.version == record["version"]]
