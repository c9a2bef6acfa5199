"""Compare current rows with what the champion was trained on; columns count by what they are worth to it.

    python -m flows.drift --help
"""

if __name__ == "__main__":
    from flows.launch.drift import app

    app()

import time

from prefect import flow
from prefect.states import Completed

from headgate.drift.request import ask
from headgate.workspace import Workspace
from tasks.drift import compare_rows, find_reference, record_drift, show_drift, tell_found
from tasks.notifying import WATCHED, announce_drift
from tasks.run import keep_summary, name_run
from tasks.scoring import Place


@flow(name="drift", flow_run_name="drift {model}", **WATCHED)
def check_drift(model: str = "flights", version: str | int = "champion", data: str | None = None,
                current: str = "auto", since: str | None = None, as_of: str | None = None):
    """Compare current rows with the reference of a version of `model`; the final state is named Drift if there is any.

    Args:
        model: name in the registry.
        version: number or alias (champion, challenger, canary, previous).
        data: path or URL of a CSV or Parquet with the current rows.
        current: log (of predictions), source, or auto; the log if it has enough rows, else newer rows of the source.
        since: YYYY-MM-DD; only rows from that day on. The spec's drift.window_days when left out.
        as_of: YYYY-MM-DD; only rows before that day. The spec's own for the source when left out.
    """
    place = Place(Workspace.from_environment())
    champion = find_reference(place, model, version)
    asked = ask(champion, data=data, current=current, since=since, as_of=as_of, now=int(time.time() * 1000))
    summary = compare_rows(place, champion, asked)
    show_drift(summary)
    record_drift(place, summary)
    name_run("drift", summary)
    keep_summary(place, summary)
    tell_found(summary)
    announce_drift(place, summary)
    if summary["drift"]:
        return Completed(name="Drift", message=summary["sentence"])
    return summary
