"""GET: who serves, whether all is well, and what a model is."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from api import answers
from api.models.ids import iso, now
from api.openapi.facts import model_facts
from api.pages import front_page
from api.routes.exchange import head_of
from headgate import __version__

router = APIRouter(tags=["about"])


def service_of(request):
    """Return the Service that this application serves."""
    return request.app.state.service


@router.get("/", response_model=answers.Root, summary="Where to go from here",
            responses={200: {"content": {"text/html": {"schema": {"type": "string"}}}}})
async def root(request: Request):
    """A page for a browser, JSON for everybody else."""
    service = service_of(request)
    if "text/html" in request.headers.get("accept", ""):
        return HTMLResponse(front_page(service.state, __version__, keys=service.keys.path is not None))
    names = ", ".join(sorted(service.state.served)) or "no model yet"
    return answers.Root(message=f"Headgate serves {names}.", version=__version__, links={
        "docs": "/docs", "openapi": "/openapi.json", "health": "/health", "ready": "/ready", "models": "/models",
        "metrics": "/metrics"})


@router.get("/health", response_model=answers.Health, summary="Is the service alive?")
async def health(request: Request):
    """Always 200 while the process answers."""
    return _health(service_of(request), _trusted(request))


@router.get("/ready", response_model=answers.Readiness, responses={503: {"model": answers.Readiness}},
            summary="Should it get traffic?")
async def ready(request: Request, response: Response):
    """200 when the default model (without a default, any) answers; also which versions were refused, and why."""
    service, trusted = service_of(request), _trusted(request)
    state, why = service.state, _why_not(service)
    if why:
        response.status_code = 503
    return answers.Readiness(
        **_health(service, trusted).model_dump(), ready=not why, why=_private(why, trusted),
        refused={name: answers.Refusal(version=one.version, digest=one.digest, at=one.at,
                                       why=_private(one.why, trusted))
                 for name, one in state.refused.items()},
        log_trouble=_private(service.spool.trouble if service.spool else "", trusted),
        keys_trouble=_private(service.keys.trouble, trusted))


@router.get("/model/info", response_model=answers.ModelInfo, summary="The default model", tags=["models"])
async def default_model_info(request: Request):
    """Algorithm, metrics, signature, gates and lineage of the version that serves."""
    return model_facts(service_of(request).served())


@router.get("/models", response_model=answers.Models, summary="Every model", tags=["models"])
async def models(request: Request):
    """Name, version and role of each."""
    state = service_of(request).state
    found = [answers.ModelName(name=name, version=one.version, role=one.role, default=name == state.default,
                               description=one.spec.description, links={
                                   "info": f"/models/{name}", "predict": f"/models/{name}/predict",
                                   "batch": f"/models/{name}/predict/batch"})
             for name, one in sorted(state.served.items())]
    return answers.Models(models=found, count=len(found))


@router.get("/models/{name}", response_model=answers.ModelInfo, summary="One model", tags=["models"])
async def model_info(name: str, request: Request):
    """Algorithm, metrics, signature, gates and lineage of the version that serves."""
    return model_facts(service_of(request).served(name))


@router.get("/metrics", response_class=PlainTextResponse, summary="Prometheus metrics")
def metrics(request: Request):
    """Requests, errors, latency, predictions by class and role, versions, the prediction log, swaps."""
    service = service_of(request)
    service.book.tally.settle()
    return PlainTextResponse(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _trusted(request):
    return service_of(request).keys.trusts(head_of(request.scope["headers"]))


def _private(text, trusted):
    """Return a text that may name paths and hosts: where there are keys, only to those who bear one."""
    return text if trusted or not text else "Ask with an API key, or read the log of the service."


def _health(service, trusted):
    state = service.state
    troubled = state.refused or state.trouble or service.keys.trouble or _why_not(service) \
        or service.spool and service.spool.trouble
    source = service.keeper.source.describe()
    status = "starting" if not state.looked else "degraded" if troubled else "ok"
    return answers.Health(
        status=status, model_loaded=bool(state.served), timestamp=iso(now()),
        source=answers.Source(kind=source["kind"], place=source["place"] if trusted else "", alias=source["alias"],
                              trouble=_private(state.trouble, trusted)),
        models={name: answers.Serving(version=one.version, role=one.role, digest=one.digest)
                for name, one in sorted(state.served.items())})


def _why_not(service):
    state = service.state
    if state.default is not None and state.default in state.served or state.default is None and state.served:
        return ""
    if not state.looked:
        return "Not every version has been looked at yet."
    if state.default in state.refused:
        return f"The champion of {state.default!r} was refused: {state.refused[state.default].why}"
    if state.trouble:
        return state.trouble
    if state.default is not None:
        return f"{state.default!r}, the default model, has no champion. Train one: python -m flows.train --model " \
               f"{state.default}."
    if state.refused:
        return "Every version was refused: " + "; ".join(f"{name}: {one.why}" for name, one in state.refused.items())
    return "No model has a champion yet. Train one: python -m flows.train."
