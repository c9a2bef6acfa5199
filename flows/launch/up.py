"""The command `python -m flows.up`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, rich_markup_mode="rich")
EXAMPLES = """
Bring up the whole system on this machine and keep it up: Prefect's server with its UI, a worker, MLflow's UI and the
API, every flow of prefect.yaml deployed. Ctrl-C (or SIGTERM) stops it; a part that ends is started again.

Examples:

  python -m flows.up

  python -m flows.up --home /srv/headgate --api-port 80 --host 0.0.0.0

  HEADGATE_DATABASE_URL=postgresql://headgate:...@db/headgate python -m flows.up      PostgreSQL behind everything

Exit codes: 0 stopped as asked; 2 could not run, or runs already.
"""


@app.command(help=EXAMPLES)
def up(
        home: Annotated[Path | None, typer.Option(help="State directory. [HEADGATE_HOME, or .headgate]")] = None,
        host: Annotated[str, typer.Option(help="Address to listen on; Prefect and MLflow ask nobody for a password."
                                          )] = "127.0.0.1",
        prefect_port: Annotated[int, typer.Option(min=1, max=65535, help="Prefect's API and UI.")] = 4200,
        mlflow_port: Annotated[int, typer.Option(min=1, max=65535, help="MLflow's UI.")] = 5000,
        api_port: Annotated[int, typer.Option(min=1, max=65535, help="The REST service.")] = 8000,
        limit: Annotated[int, typer.Option(min=1, help="Flow runs at once; a deploy that waits for approval is one."
                                           )] = 8,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON object as a line when everything is up, "
                                                             "another at the end.")] = False):
    from flows.launch.disk import disk_errors
    from flows.machine.only_one import only_one
    from flows.machine.plan import make_plan
    from flows.machine.run import run
    from headgate.commands.shell import command_errors

    with command_errors(as_json):
        ports = {"prefect": prefect_port, "mlflow": mlflow_port, "api": api_port}
        plan = make_plan(home=home, host=host, ports=ports, limit=limit)
        with disk_errors(plan.workspace.home), only_one(plan.workspace, plan.addresses):
            run(plan, _say, lambda: _tell(plan, "up", as_json))
            _tell(plan, "stopped", as_json)


def _say(line):
    typer.echo(line, err=True)


def _tell(plan, outcome, as_json):
    import os

    from headgate.commands.shell import print_json

    if as_json:
        print_json({"outcome": outcome, "home": str(plan.workspace.home), "pid": os.getpid(),
                    "addresses": plan.addresses})
    elif outcome == "stopped":
        typer.echo("Stopped.")
    else:
        lines = [f"{name:<8} {url}" for name, url in plan.addresses.items()]
        typer.echo("\n".join(["", *lines, f"state    {plan.workspace.home}",
                              f"for your shell: export PREFECT_API_URL={plan.at('prefect')}/api", ""]))
