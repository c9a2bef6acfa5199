"""What the Prefect UI would show, asked from the API that it asks."""

import time

import httpx


def flow_runs(api):
    """Return every flow run, the newest first."""
    return _filtered(api, "flow_runs", {"sort": "START_TIME_DESC"})


def flow_run(api, identity):
    """Return one flow run."""
    answer = httpx.get(f"{api}/flow_runs/{identity}", timeout=30)
    answer.raise_for_status()
    return answer.json()


def task_states(api, identity, wanted, *, seconds=60):
    """Return {task run's name: name of its state} of a flow run, once those called `wanted` are all final.

    Prefect records task runs behind the run, from its events.
    """
    limit = time.monotonic() + seconds
    while True:
        found = {run["name"]: run["state_name"] for run in _filtered(
            api, "task_runs", {"flow_runs": {"id": {"any_": [identity]}}}) if run["state_type"] == "COMPLETED"}
        if set(wanted) <= set(found) or time.monotonic() > limit:
            return found
        time.sleep(0.1)


def artifacts(api, identity):
    """Return {key: artifact} of a flow run."""
    found = _filtered(api, "artifacts", {"artifacts": {"flow_run_id": {"any_": [identity]}}})
    return {one["key"]: one for one in found if one["key"]}


def events(api, name, *, seconds=30):
    """Return the events of that name, the newest first, once there is one; they are recorded behind the run."""
    limit = time.monotonic() + seconds
    while True:
        answer = httpx.post(f"{api}/events/filter", json={"filter": {"event": {"name": [name]}}}, timeout=30)
        answer.raise_for_status()
        if answer.json()["events"] or time.monotonic() > limit:
            return answer.json()["events"]
        time.sleep(0.1)


def _filtered(api, kind, criteria):
    answer = httpx.post(f"{api}/{kind}/filter", json=criteria, timeout=30)
    answer.raise_for_status()
    return answer.json()
