"""Runs that were cut off with their worker: nobody works on them any more, and Prefect would wait for ever."""

from flows.launch.answers import ask
from flows.machine.plan import POOL

UNDER_WAY = ("RUNNING", "PENDING", "CANCELLING")
WAITING = "PAUSED"
WHY = "The worker that ran it was stopped. Start it again: finished steps are not repeated."
ASKED_AGAIN = "The worker that ran it was stopped while it waited for an approval; another run asks again."


def tell_cut_off(plan, say):
    """Have Prefect know that runs of this machine's work pool were cut off; call it before the worker starts.

    A deployment that waited for its approval is started again, so that it can still be approved.
    """
    api = f"{plan.at('prefect')}/api"
    states = {"type": {"any_": [*UNDER_WAY, WAITING]}}
    for run in ask(f"{api}/flow_runs/filter", {"flow_runs": {"state": states},
                                               "work_pools": {"name": {"any_": [POOL]}}}) or []:
        waited = run["state_type"] == WAITING
        ask(f"{api}/flow_runs/{run['id']}/set_state", {"force": True, "state": {
            "type": "CRASHED", "name": "Crashed", "message": ASKED_AGAIN if waited else WHY}})
        if waited:
            ask(f"{api}/deployments/{run['deployment_id']}/create_flow_run", {
                "parameters": run["parameters"], "tags": run["tags"], "state": {"type": "SCHEDULED"}})
        say(f"{run['name']} was cut off with its worker; {'it asks again' if waited else 'it is Crashed'}")
