"""The parts of one running service, put together from its settings."""

import asyncio
import logging
import time

from api.behind.book import Book
from api.behind.desk import Desk
from api.behind.keeping import Keeping
from api.behind.metrics import make_metrics
from api.behind.spool import Spool
from api.ending import told_to_stop
from api.keys import Keys
from api.models.ids import Ids
from api.models.keeper import Keeper
from api.models.load import Limits
from api.routes.awake import Awake
from api.routes.crew import Crew
from api.routes.patience import Patience
from api.routes.predict import no_model
from api.sources.choose import choose_source
from headgate.database import pin, unpin
from headgate.workspace import Workspace

log = logging.getLogger("headgate.api")
FIRST_LOOK_SECONDS, OTHERS_SECONDS = 60, 10     # at most; and once the default model serves, for the others


class Service:
    """Everything that the routes work with."""

    def __init__(self, settings, workspace=None):
        self.settings, self.workspace = settings, workspace or Workspace.from_environment()
        self.max_body, self.patience = settings.max_body, Patience(settings.request_seconds)
        self.awake = Awake(settings.awake_seconds)
        self.ids, self.keys, self.metrics = Ids(), Keys(settings.keys_file), make_metrics()
        self.spool = Spool(self.workspace, self.metrics, memory=int(settings.log_buffer_mb * 1e6),
                           disk=int(settings.log_spill_mb * 1e6),
                           apart=settings.log_process) if settings.prediction_log else None
        self.book = Book(self.metrics, self.spool, seconds=settings.log_seconds,
                         limit=int(settings.log_buffer_mb * 1e6))
        self.desk = Desk(self.workspace)
        self.keeping = Keeping(self.workspace, self.metrics, days=settings.log_days)
        self.crew = Crew(settings.batch_threads, seconds=settings.request_seconds)
        self.keeper = Keeper(choose_source(settings, self.workspace), Limits(settings.max_rows, settings.slowest_ms),
                             poll_seconds=settings.poll_seconds, default=settings.default_model,
                             changed=self._changed, observe=self._observe)
        self.listeners, self._clock = [], None

    @property
    def state(self):
        return self.keeper.state

    def served(self, name=None):
        """Return the Served of that name, or of the default model; raise Trouble when there is none."""
        state = self.keeper.state
        found = state.served.get(name or state.default)
        if found is None:
            raise self.missing(name)
        return found

    def missing(self, name):
        """Return the Trouble of a model that is not served."""
        return no_model(self.keeper.state, name)

    async def start(self):
        """Load what the source wants, then begin to keep up with it."""
        pin(self.workspace)
        self.book.start()
        self.keeping.start()
        self.keeper.start()
        self._clock = asyncio.create_task(self.patience.watch())
        await self._first_look()
        if self.spool is not None:
            self.spool.start()
        log.info("ready to answer", extra={"models": {name: one.version for name, one in self.state.served.items()},
                                           "source": self.keeper.source.describe()})

    async def _first_look(self):
        until = time.monotonic() + FIRST_LOOK_SECONDS
        while not self.state.looked and time.monotonic() < until and not told_to_stop():
            if self.state.default in self.state.served:
                until = min(until, time.monotonic() + OTHERS_SECONDS)
            await asyncio.sleep(0.005)

    async def stop(self):
        """Let work end and bring the prediction log home."""
        self._clock.cancel()
        await asyncio.to_thread(self.keeper.stop)
        self.keeping.stop()
        await asyncio.to_thread(self.crew.close)
        await asyncio.to_thread(self.book.close)
        if self.spool is not None:
            await asyncio.to_thread(self.spool.close, self.settings.shutdown_seconds)
        unpin(self.workspace)
        log.info("stopped")

    def _changed(self, state):
        self.metrics.serve_only(state.served)
        for listener in self.listeners:
            listener(state)

    def _observe(self, model, result):
        self.metrics.swaps.labels(model, result).inc()
