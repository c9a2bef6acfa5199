"""A registry of kettles: tiny versions with and without passed gates, and production that serves them."""

import contextlib

import bundles
import httpx
from running import in_thread

from headgate.registry import aliases, read
from headgate.registry.register import register

STRICT = {"columns": [{**bundles.SPEC["columns"][0], "range": [-5, 5]}, bundles.SPEC["columns"][1]]}
ROW = {"water level": 1.5, "maker": "a"}
TOO_MUCH = {"water level": 90, "maker": "a"}        # a row that only a strict kettle refuses


def put(place, **wishes):
    """Register a kettle as training would; return its RegisteredVersion. Wishes: of bundles.write_bundle."""
    number = len(read.list_versions(place.workspace, "kettle"))
    folder = bundles.write_bundle(place.root / f"kettle-{number}", bias=number / 10, **wishes)
    version = register(place.workspace, folder)
    aliases.accept(place.workspace, version)
    return version


def roles(place):
    """Return {alias: number of the version}."""
    return {alias: one.version for one in read.list_versions(place.workspace, "kettle") for alias in one.aliases}


@contextlib.contextmanager
def production(place, **settings):
    """Yield the Running service of the registry's champions, and its address."""
    with in_thread(place.workspace, **settings) as service:
        yield service, f"http://127.0.0.1:{service.port}"


def serves(service):
    """Return the digest that the service serves."""
    return service.get("/models/kettle").json()["digest"]


def steps(answer):
    """Return {step: outcome} of a deployment."""
    return {one["step"]: one["outcome"] for one in answer["steps"]}


def paused(api):
    """Return the flow run that waits for approval, or None."""
    answer = httpx.post(f"{api}/flow_runs/filter", timeout=30, json={
        "flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}, "flows": {"name": {"any_": ["deploy"]}}})
    answer.raise_for_status()
    return answer.json()[0] if answer.json() else None


def resume(api, run, **said):
    """Resume a flow run as the UI does; return what the server says."""
    answer = httpx.post(f"{api}/flow_runs/{run['id']}/resume", json={"run_input": said}, timeout=30)
    answer.raise_for_status()
    return answer.json()
