"""POST /predict and /predict/batch, straight on ASGI: what is not needed to answer happens behind the answer."""

import time

from api.models.ids import now
from api.problems import Trouble
from api.routes.exchange import Gone, answer, answer_trouble, check_json, explained, head_of, read_body
from headgate.spec.explain import nearest

ROW_BYTES = 262_144     # of a single row, which is read at once
INLINE_BYTES = 4096     # a batch up to this size is answered at once; a larger one in a thread


class Predict:
    """Answers single rows of `model`, or of the default model."""

    route, limit = "predict", ROW_BYTES

    def __init__(self, service, model=None):
        self.service, self.model = service, model

    async def __call__(self, scope, receive, send):
        started, service = time.perf_counter(), self.service
        head = head_of(scope["headers"])
        at = now()
        key = service.ids.new(at)
        name = head.request_id or key.encode()
        status, served = 200, None
        try:
            admit(service, head)
            limit = min(self.limit or service.max_body, service.max_body)
            body = await read_body(receive, head, limit=limit, patience=service.patience)
            served = service.served(self.model)
            found = await self.found(served, body, key, at)
            await answer(send, found.payload, name)
            if not head.probe:
                service.book.keep(served, key, at, found, len(body))
        except Gone:
            status = 499
        except Exception as error:
            status = await answer_trouble(send, explained(error, scope["headers"]), name)
        done(service, self.route, status, time.perf_counter() - started, None if head.probe else served)

    async def found(self, served, body, key, at):
        """Return the Answer."""
        return await served.answer_soon(body, key, at)


class PredictBatch(Predict):
    """Answers batches."""

    route, limit = "predict_batch", None

    async def found(self, served, body, key, at):
        """Return the Answer; a large one is worked out in a thread, so that others are answered meanwhile."""
        if len(body) <= INLINE_BYTES:
            return served.answer_batch(body, key, at)
        return await self.service.crew.run(served.answer_batch, body, key, at)


def admit(service, head):
    """Raise Trouble unless the Head of a prediction bears the key that it needs, and says that JSON comes."""
    service.keys.check(head)
    if head.probe:
        service.keys.check_probe(head)
    check_json(head)


def done(service, route, status, seconds, served):
    """Count an answer, and look out for the next request."""
    service.book.count(route, status, seconds, served)
    if not service.crew.waiting:
        service.awake.answered()


def no_model(state, name):
    """Return the Trouble of a model that is not served."""
    if name is None and state.default is not None and state.default not in state.refused and state.served:
        return Trouble(503, f"{state.default!r}, the default model, has no champion. Ask /models/NAME/predict, or set "
                            "HEADGATE_DEFAULT_MODEL.", {"models": sorted(state.served)})
    if name is None and state.default is None and len(state.served) > 1:
        return Trouble(404, "There are several models and none is the default. Ask /models/NAME/predict, or set "
                            "HEADGATE_DEFAULT_MODEL.", {"models": sorted(state.served)})
    if name is not None and state.served and name not in state.refused:
        return Trouble(404, f"No model is called {name!r}. {nearest(name, list(state.served))}".strip(),
                       {"models": sorted(state.served)})
    return Trouble(503, "No version of the model serves yet; /ready says why.", headers=((b"retry-after", b"5"),))
