"""Champions without a registry: a sealed bundle with what drift needs of it, and rows that they answered."""

import json
import shutil
from pathlib import Path

import pandas as pd

from headgate.bundle import seal
from headgate.current.champion import Champion
from headgate.data import clean, coerce
from headgate.prediction_log import Entries, Label, entry_of, store_feedback, write_entries
from headgate.rows.times import seconds_of
from headgate.scoring.values import Chosen
from headgate.workspace import Workspace

DAY = 86_400_000
START = 1_772_000_000_000       # when the champions here were registered, in milliseconds: 2026-02-25


def champion_of(bundle, folder, spec, reference, *, importance=None, as_of=None, home=None, fingerprint=""):
    """Return a Champion whose bundle is a copy of `bundle` in `folder`, `reference` (raw table) its training rows."""
    folder = Path(shutil.copytree(bundle, folder))
    typed = clean(coerce(reference, spec).frame, spec, check_limit=False).frame
    typed.to_parquet(folder / "reference.parquet", index=False)
    evaluation = {"metrics": {"accuracy": 0.93}, "interval": [0.9, 0.95]}
    if importance is not None:
        evaluation["importance"] = importance
    (folder / "evaluation.json").write_text(json.dumps(evaluation), encoding="utf-8")
    lineage = json.loads((folder / "lineage.json").read_text(encoding="utf-8"))
    lineage |= {"as_of": as_of, "training_rows": len(typed), "source_fingerprint": fingerprint}
    digest = seal(folder, spec.name)
    return Champion(Chosen(spec.name, "1", digest, str(folder), ("champion",)), spec, lineage, START,
                    Path(home or folder))


def workspace_in(folder):
    """Return the Workspace with its state in `folder`/state, models under `folder`."""
    return Workspace.from_environment({"HEADGATE_HOME": str(Path(folder) / "state")}, Path(folder))


def answer(workspace, champion, rows, probabilities, *, labels=None, at=START + DAY, digest=None, number=0):
    """Write rows (dicts) into the prediction log as the champion's answers, `labels` their truth where not None.

    digest : of the version that answered, if it was another. number : of the first id.
    """
    entries = Entries(champion.spec, version="1", digest=digest or champion.chosen.digest, role="champion")
    times = [column.name for column in champion.spec.columns if column.kind == "datetime"]
    rows = [{**row, **{name: seconds_of(row[name], "UTC") for name in times if row.get(name)}} for row in rows]
    ids = [f"{at + place:012x}{number + place:020x}" for place in range(len(rows))]
    write_entries(workspace, [entry_of(entries.line(one, at + place, row, list(shares))) for place, (one, row, shares)
                              in enumerate(zip(ids, rows, probabilities))])
    told = [Label(one, 0, champion.model, label, at) for one, label in zip(ids, labels or []) if label is not None]
    if told:
        store_feedback(workspace, told)


def as_rows(frame):
    """Return the rows of a table as a client sends them: dicts, missing cells as None, times as text."""
    texts = {name: frame[name].map(lambda one: one.isoformat(), na_action="ignore").astype(object)
             for name in frame if pd.api.types.is_datetime64_any_dtype(frame[name].dtype)}
    plain = frame.assign(**texts).astype(object)
    return plain.where(plain.notna(), None).to_dict("records")
