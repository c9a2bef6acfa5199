"""The command `python -m flows.predict`."""

from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Score a table of any size with a registered version. Every row is validated as training and the service do; rows that
fail go to a quarantine file, all others get a class, its label and probabilities, beside their keys.

Examples:

  python -m flows.predict --model flights --data rows.csv --output out.parquet

  python -m flows.predict --data rows.parquet --version 2 --output out.csv

  python -m flows.predict --sql 'SELECT * FROM due' --database 'postgresql+psycopg://me:${PASSWORD}@host/shop'

  python -m flows.predict --model penguins                 the table that model.yaml names

Exit codes: 0 scored; 1 too many rows failed validation (nothing is written but the quarantine); 2 could not run.
"""


@app.command(help=EXAMPLES)
def predict(
        model: Annotated[str, typer.Option(help="Name in the registry.")] = "flights",
        version: Annotated[str, typer.Option(help="Number or alias: 2, champion, challenger, canary.")] = "champion",
        data: Annotated[str | None, typer.Option(metavar="FILE_OR_URL", help="A CSV or Parquet to score.")] = None,
        sql: Annotated[str | None, typer.Option(metavar="QUERY", help="One SELECT that returns the table.")] = None,
        database: Annotated[str | None, typer.Option(
            metavar="URL", help="SQLAlchemy URL for --sql, secrets as ${VARIABLE}.")] = None,
        output: Annotated[str | None, typer.Option(
            metavar="FILE", help=".parquet or .csv; a new file under predictions/ of the state directory "
            "if left out.")] = None,
        max_bad_share: Annotated[float, typer.Option(
            min=0, max=1, help="No predictions when a larger share of rows fails validation.")] = 0.05,
        overwrite: Annotated[bool, typer.Option(help="Replace the output if it is there.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as the last line.")] = False):
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        from flows.launch.show import show_scoring

        raise typer.Exit(show_scoring(_run(model, version, data=data, sql=sql, database=database, output=output,
                                           max_bad_share=max_bad_share, overwrite=overwrite), as_json))


def _run(model, version, **options):
    from flows.launch.console import progress
    from flows.launch.disk import disk_errors
    from flows.launch.embedded import prefect_api
    from flows.launch.run import run_flow
    from headgate.registry.connection import knock
    from headgate.scoring.request import ask, choose
    from headgate.workspace import Workspace

    workspace = Workspace.from_environment()
    knock(workspace)
    ask(workspace, choose(workspace, model, version), **options)    # told now, not after the API has started
    with disk_errors(workspace.home), progress(f"Scoring with {model}"), prefect_api(workspace.home) as ready:
        from flows.predict import predict_table

        ready()
        return run_flow(predict_table, model=model, version=version, **options)
