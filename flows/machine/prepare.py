"""Make the tables before several processes would do so at once: `python -m flows.machine.prepare`.

A process of its own, since MLflow would stay in the memory of the one that watches over the others.
"""

import os
import sys

from flows.machine.databases import create_missing, is_postgres
from headgate.database import transaction
from headgate.errors import HeadgateError
from headgate.registry import mlflow_store
from headgate.registry.connection import remote
from headgate.workspace import Workspace

OWN = "HEADGATE_UP_OWN"


def prepare(workspace, own):
    """Create databases and tables that are missing; `own` names which of mlflow and prefect are this machine's."""
    if is_postgres(workspace.database_url):
        create_missing(workspace.database_url, own)
    with transaction(workspace):
        pass
    if not remote(workspace):
        mlflow_store.list_names(workspace)


if __name__ == "__main__":
    try:
        prepare(Workspace.from_environment(), os.environ.get(OWN, "").split())
    except HeadgateError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)
