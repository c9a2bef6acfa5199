"""Have a deployed flow run by a worker of the Prefect server, and say how it ended."""

import asyncio
import json
import logging
from contextlib import asynccontextmanager, contextmanager
from uuid import uuid4

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterFlowRunId
from prefect.exceptions import ObjectNotFound, PrefectException
from prefect.settings import get_current_settings
from pydantic import ValidationError

from headgate.errors import ServerTrouble, SpecError
from headgate.report.page import markdown
from headgate.spec.explain import nearest

log = logging.getLogger("headgate.flows.elsewhere")
CODES = {"Completed": 0, "Rejected": 1, "Drift": 3}
COULD_NOT = 2
PATIENCE = 60
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array",
         dict: "object"}
UNSTARTED = ("Scheduled", "Pending", "Late")


def run_elsewhere(flow, params, *, timeout, poll):
    """Run the deployment FLOW/FLOW with the parameters in `params` (NAME=VALUE); return its summary, with a page.

    timeout : seconds for all of it, whether or not the server answers. poll : seconds between two questions.
    Raises SpecError for a flow or parameter there is not, ServerTrouble when the server is away, of another version
    or refuses, or when it was not done in time.
    """
    with server_errors():
        return asyncio.run(_run(flow, params, timeout, poll))


def read_parameters(flow, params, schema):
    """Return {name: value} of NAME=VALUE texts by the JSON Schema of the flow's parameters; empty values are left out.

    A value is JSON where the parameter takes more than text, and text otherwise; one item is a list of one.
    """
    known, found = schema.get("properties") or {}, {}
    for one in params:
        name, equals, text = one.partition("=")
        if not equals or name not in known:
            raise SpecError(f"The flow {flow!r} has no such parameter.", value=one, limit=", ".join(sorted(known)),
                            remedy=nearest(name, sorted(known)))
        if text:
            found[name] = _value(text, _types(known[name]))
    return found


def summary_of(flow, run):
    """Return what came of a run that has ended."""
    name = run.state.name
    code = CODES.get(name, COULD_NOT) if run.state.type.value in ("COMPLETED", "FAILED") else COULD_NOT
    return {"flow": flow, "run": str(run.id), "name": run.name, "state": name, "exit_code": code,
            "sentence": " ".join((run.state.message or "").split()), "url": url_of(run)}


def url_of(run):
    """Return where a person sees the run."""
    ui = get_current_settings().ui_url or get_current_settings().api.url.removesuffix("/api")
    return f"{ui.rstrip('/')}/runs/flow-run/{run.id}"


@contextmanager
def server_errors():
    """Translate what Prefect's client raises into ServerTrouble."""
    try:
        yield
    except httpx.HTTPStatusError as error:
        told = " ".join(error.response.text.split())[:300]
        raise ServerTrouble("The Prefect server refused.", value=f"{error.response.status_code}: {told}",
                            remedy="Is PREFECT_API_KEY or PREFECT_API_AUTH_STRING right, and do the flow's "
                                   "parameters fit?") from error
    except (httpx.HTTPError, RuntimeError, PrefectException, ValidationError) as error:
        raise ServerTrouble("The Prefect server of PREFECT_API_URL cannot be used.",
                            value=" ".join(f"{error} {error.__cause__ or ''}".split())[:300],
                            remedy="Is it up, and of the same version as here?") from error


async def _run(flow, params, timeout, poll):
    limit = asyncio.get_running_loop().time() + timeout
    async with get_client() as client:
        async with _until(limit):
            run = await _start(client, flow, params)
        run = await _wait(client, run, limit, poll)
        async with _until(limit, run):
            return {**summary_of(flow, run), "page": await _page(client, run)}


@asynccontextmanager
async def _until(limit, run=None):
    """End what is done inside at `limit`, by the loop's clock, with a ServerTrouble that says how far `run` came."""
    try:
        async with asyncio.timeout_at(limit) as timer:
            yield
    except TimeoutError:
        if not timer.expired():
            raise
        raise _late(run) from None


def _late(run):
    if run is None:
        return ServerTrouble("The Prefect server of PREFECT_API_URL did not answer in time.",
                             remedy="Is it up? If it has started a run, that goes on.")
    seen = f"{run.state and run.state.name}: {url_of(run)}"
    if run.state and run.state.is_final():
        return ServerTrouble("The run ended, but its report did not come in time.", value=seen, remedy="Look there.")
    hint = "No worker has taken it: is one started?" if run.state and run.state.name in UNSTARTED else \
        "It goes on; look at it there."
    return ServerTrouble("The run did not end in time.", value=seen, remedy=hint)


async def _start(client, flow, params):
    await client.raise_for_api_version_mismatch()
    deployment = await _deployment(client, flow)
    run = await client.create_flow_run_from_deployment(deployment.id, parameters=read_parameters(
        flow, params, deployment.parameter_openapi_schema or {}), idempotency_key=uuid4().hex)    # asked twice, one run
    log.info("started %s", url_of(run))
    return run


async def _deployment(client, flow):
    try:
        return await client.read_deployment_by_name(f"{flow}/{flow}")
    except ObjectNotFound:
        known = sorted(one.name for one in await client.read_deployments())
        raise SpecError(f"There is no flow {flow!r} on the server.", limit=", ".join(known) or "no flow at all",
                        remedy=nearest(flow, known) or "Deploy the flows: prefect deploy --all.") from None


async def _wait(client, run, limit, poll):
    clock, told = asyncio.get_running_loop().time, None
    well = clock()
    while not (run.state and run.state.is_final()):
        try:
            async with _until(limit, run):
                await asyncio.sleep(poll)
                run, well = await client.read_flow_run(run.id), clock()
        except httpx.TransportError:
            if clock() - well > PATIENCE:
                raise
            continue
        if run.state.name != told:
            told = run.state.name
            log.info("%s: %s", run.name, told)
    return run


async def _page(client, run):
    """Return the run's artifacts as Markdown, tables as tables."""
    chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    told = markdown(run.state.message or "")
    parts = [f"**{markdown(run.name)}**: {markdown(run.state.name)}. {told} [{run.id}]({url_of(run)})"]
    found = await client.read_artifacts(artifact_filter=chosen)
    for one in sorted(found, key=lambda artifact: artifact.created):
        if one.type == "markdown":
            parts.append(one.data)
        elif one.type == "table":
            parts.append("\n\n".join([one.description or "", _table(one.data)]))
    return "\n\n".join(parts)


def _table(data):
    rows = json.loads(data) if isinstance(data, str) else data
    if not rows or not isinstance(rows, list):
        return ""
    names = list(rows[0])
    lines = [[markdown(name) for name in names], ["---"] * len(names)]
    lines += [[markdown("" if row.get(name) is None else row[name]) for name in names] for row in rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines)


def _types(schema):
    return {one["type"] for one in (schema, *schema.get("anyOf", ())) if "type" in one}


def _value(text, types):
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    kind = KINDS[type(value)]
    if not types or kind in types or kind == "integer" and "number" in types:
        return value
    return [text] if "array" in types else text
