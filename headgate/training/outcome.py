"""What a run came to, in the words and numbers that its command prints."""

import shutil

from headgate.training.values import Summary

REPORT = ("report.html", "report.md", "plots")


def summary_of(job, judged, data_digest, *, outcome, version, mlflow_run, report, flow_run):
    """Return the summary of a judged run as a plain dict."""
    return Summary(model=job.request.model, outcome=outcome, verdict=judged.verdict["decision"], version=version,
                   accuracy=judged.accuracy, gates=tuple(judged.verdict["gates"]), data_digest=data_digest,
                   run_id=mlflow_run, report=str(report), algorithm=judged.algorithm,
                   sentence=judged.verdict["sentence"], bundle=judged.digest,
                   as_of=job.request.as_of and job.request.as_of.isoformat(), flow_run=flow_run,
                   mlflow_run=mlflow_run).to_dict()


def keep_report(workspace, judged, model):
    """Copy the report of a sealed bundle to the reports folder; returns the path of its HTML page."""
    source, place = judged.folder, workspace.reports / model / f"{judged.algorithm}-{judged.digest[:16]}"
    place.mkdir(parents=True, exist_ok=True)
    for name in REPORT:
        if (source / name).is_dir():
            shutil.copytree(source / name, place / name, dirs_exist_ok=True)
        elif (source / name).is_file():
            shutil.copyfile(source / name, place / name)
    return place / "report.html"


def sentence_of_data(checked):
    """Say in a sentence what validation found."""
    if checked.ok:
        return f"All checks passed on {checked.rows:,} rows."
    count = len(checked.failed)
    return (f"The data was rejected: {count} {'check' if count == 1 else 'checks'} failed on {checked.rows:,} rows. "
            "Nothing was trained.")
