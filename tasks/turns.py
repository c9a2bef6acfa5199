"""One at a time per model, over all workers of a Prefect server: who comes second waits."""

import logging
from contextlib import contextmanager

from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency
from prefect.runtime import deployment, flow_run

log = logging.getLogger("headgate.tasks.turns")
LEASE_SECONDS = 120


@contextmanager
def one_at_a_time(purpose, model):
    """Hold the one slot of `purpose` and `model` where a worker runs this; wait for it.

    purpose : training, retraining or promotion.

    A run in somebody's shell has the lock of the state directory alone, which tells at once who holds it. A slot whose
    holder died is free again after two minutes.
    """
    if not (deployment.id or flow_run.parent_deployment_id):
        yield
        return
    name = f"headgate-{purpose}-{model}"
    with get_client(sync_client=True) as client:
        client.upsert_global_concurrency_limit_by_name(name, limit=1)
    with concurrency(name, occupy=1, lease_duration=LEASE_SECONDS, strict=True, raise_on_lease_renewal_failure=False):
        log.info("it is the turn of this run: %s", name)
        yield
