"""Score a table of any size with a registered version: validated, through the version's own graph, in bounded memory.

    python -m flows.predict --help
"""

if __name__ == "__main__":
    from flows.launch.predict import app

    app()

from prefect import flow
from prefect.states import Failed

from headgate.scoring.request import ask
from headgate.workspace import Workspace
from tasks.run import keep_summary, name_run
from tasks.scoring import Place, find_version, score, show_predictions


@flow(name="predict", flow_run_name="predict {model} {version}")
def predict_table(model: str = "flights", version: str | int = "champion", data: str | None = None,
                  sql: str | None = None, database: str | None = None, output: str | None = None,
                  max_bad_share: float = 0.05, overwrite: bool = False):
    """Score a table with a version of `model`; predictions beside keys, rows that fail validation in quarantine.

    Args:
        model: name in the registry.
        version: number or alias (champion, challenger, canary, previous).
        data: path or URL of a CSV or Parquet. The version's own source when neither this nor sql is given.
        sql: one SELECT that returns the table.
        database: SQLAlchemy URL for sql, secrets as ${VARIABLE}. The version's own database when left out.
        output: .parquet or .csv. A new file under predictions/ of the state directory when left out.
        max_bad_share: no predictions are written when a larger share of the rows fails validation.
        overwrite: replace the output if it is there.
    """
    place = Place(Workspace.from_environment())
    chosen = find_version(place, model, version)
    asked = ask(place.workspace, chosen, data=data, sql=sql, database=database, output=output,
                max_bad_share=max_bad_share, overwrite=overwrite)
    summary = score(chosen, asked)
    show_predictions(summary)
    name_run("predict", summary)
    keep_summary(place, summary)
    if summary["outcome"] == "rejected":
        return Failed(name="Rejected", message=summary["sentence"])
    return summary
