"""A registry of kettles: tiny versions with and without passed gates, and production that serves them."""

import contextlib

import bundles
from orchestrated import client_of
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
    found = _answer(api, "/flow_runs/filter", {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}},
                                               "flows": {"name": {"any_": ["deploy"]}}})
    return found[0] if found else None


def resume(api, run, **said):
    """Resume a flow run as the UI does; return what the server says."""
    return _answer(api, f"/flow_runs/{run['id']}/resume", {"run_input": said})


def _answer(api, path, document):
    with client_of(api) as client:
        return client.post(path, json=document).raise_for_status().json()
