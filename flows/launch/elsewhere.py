"""Have a deployed flow run by a worker of the Prefect server, and say how it ended."""

import json
import logging
import time
from contextlib import contextmanager

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


def run_elsewhere(flow, params, *, timeout, poll, clock=time.monotonic, sleep=time.sleep):
    """Run the deployment FLOW/FLOW with the parameters in `params` (NAME=VALUE); return its summary, with a page.

    Raises SpecError for a flow or parameter there is not, ServerTrouble when the server is away, of another version
    or refuses, or when the run did not end within `timeout` seconds.
    """
    with server_errors(), get_client(sync_client=True) as client:
        client.raise_for_api_version_mismatch()
        deployment = _deployment(client, flow)
        run = client.create_flow_run_from_deployment(deployment.id, parameters=read_parameters(
            flow, params, deployment.parameter_openapi_schema or {}))
        log.info("started %s", url_of(run))
        run = _wait(client, run, clock() + timeout, poll, clock, sleep)
        return {**summary_of(flow, run), "page": _page(client, run)}


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


def _deployment(client, flow):
    try:
        return client.read_deployment_by_name(f"{flow}/{flow}")
    except ObjectNotFound:
        known = sorted(one.name for one in client.read_deployments())
        raise SpecError(f"There is no flow {flow!r} on the server.", limit=", ".join(known) or "no flow at all",
                        remedy=nearest(flow, known) or "Deploy the flows: prefect deploy --all.") from None


def _wait(client, run, limit, poll, clock, sleep):
    told, well = None, clock()
    while not (run.state and run.state.is_final()):
        if clock() > limit:
            hint = "No worker has taken it: is one started?" if run.state and run.state.name in UNSTARTED else \
                "It goes on; look at it there."
            raise ServerTrouble("The run did not end in time.", value=f"{run.state and run.state.name}: {url_of(run)}",
                                remedy=hint)
        sleep(poll)
        try:
            run, well = client.read_flow_run(run.id), clock()
        except httpx.TransportError:
            if clock() - well > PATIENCE:
                raise
            continue
        if run.state.name != told:
            told = run.state.name
            log.info("%s: %s", run.name, told)
    return run


def _page(client, run):
    """Return the run's artifacts as Markdown, tables as tables."""
    chosen = ArtifactFilter(flow_run_id=ArtifactFilterFlowRunId(any_=[run.id]))
    told = markdown(run.state.message or "")
    parts = [f"**{markdown(run.name)}**: {markdown(run.state.name)}. {told} [{run.id}]({url_of(run)})"]
    for one in sorted(client.read_artifacts(artifact_filter=chosen), key=lambda artifact: artifact.created):
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
