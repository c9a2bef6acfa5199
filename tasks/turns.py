"""One at a time per model, over all workers of a Prefect server: who comes second waits."""

import logging
from contextlib import ExitStack, contextmanager

from prefect.client.orchestration import get_client
from prefect.concurrency.sync import concurrency
from prefect.runtime import deployment, flow_run

from headgate.errors import Busy
from headgate.lock import DEPLOYMENT, model_lock

log = logging.getLogger("headgate.tasks.turns")
LEASE_SECONDS = 120
PATIENCE_SECONDS = 3600


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


class PromotionTurn:
    """The one place where a model is deployed, over all workers and in this state directory.

    Whoever waits for a person lets it go meanwhile. Raises Busy when another process of this directory has it.
    """

    def __init__(self, place, model):
        self._place, self._model, self._held = place, model, ExitStack()

    def __enter__(self):
        self._take(seconds=0)
        return self

    def __exit__(self, *_):
        self._held.close()

    @contextmanager
    def let_go(self):
        """Leave the turn to others in the `with`; it is held again after it, once who has it then is done."""
        self._held.close()
        yield
        try:
            self._take(seconds=0)
        except Busy as busy:
            log.info("waiting for it: %s", busy)
            self._take(seconds=PATIENCE_SECONDS)

    def _take(self, seconds):
        with ExitStack() as held:
            held.enter_context(one_at_a_time("promotion", self._model))
            held.enter_context(model_lock(self._place.workspace, self._model, purpose=DEPLOYMENT, timeout=seconds))
            self._held = held.pop_all()
