"""Put together the bundle of a judged candidate: everything needed to serve it, judge it and make it again."""

import os
import shutil

from headgate.bundle import seal
from headgate.bundle.canonical import canonical_json
from headgate.report.card import write_model_card
from headgate.report.plots import write_plots
from headgate.training.lineage import lineage_of
from headgate.training.reference import column_statistics, sample_rows
from headgate.training.score import fold_floor


def assemble(job, snapshot, candidate, split, *, verdict, evaluation, scored, reading, champion, name):
    """Write and seal a bundle under the workspace's staging; return (folder, digest).

    scored : every Scored that was compared. reading : dict {source, rows_read, dropped, removed, added}.
    champion : what `champion_facts` said. name : folder name; the folder appears under it when it is whole.
    """
    draft = job.workspace.staging / f"{name}.{os.getpid()}.tmp"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    lineage = lineage_of(job, snapshot, candidate, added=reading["added"])
    _copy_model(job, candidate, draft)
    _write_reference(job.spec, split.train, draft)
    for part, document in (("spec", job.spec.stored), ("lineage", lineage),
                           ("evaluation", evaluation), ("gates", verdict.to_dict())):
        (draft / f"{part}.json").write_text(canonical_json(document), encoding="utf-8")
    if champion is not None:
        (draft / "champion.json").write_text(canonical_json(champion), encoding="utf-8")
    write_plots(evaluation, draft / "plots", labels=job.spec.target.labels, candidates=scored,
                floor=fold_floor(job.spec))
    write_model_card(draft, spec=job.spec, lineage=lineage, evaluation=evaluation, verdict=verdict.to_dict(),
                     candidates=scored, reading=reading, champion=champion)
    digest = seal(draft, job.spec.name)
    folder = job.workspace.staging / name
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
    return folder, digest


def _copy_model(job, candidate, draft):
    for name in ("model.onnx", "golden.json"):
        shutil.copyfile(candidate.folder / name, draft / name)
    if (job.folder / "features.py").is_file():
        shutil.copyfile(job.folder / "features.py", draft / "features.py")


def _write_reference(spec, train, draft):
    sample_rows(train, seed=spec.seed).to_parquet(draft / "reference.parquet", index=False)
    (draft / "reference.json").write_text(canonical_json(column_statistics(spec, train)), encoding="utf-8")
