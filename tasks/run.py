"""Open a run, know an unchanged one, and name it after what came of it."""

from prefect.runtime import flow_run

from headgate.training.job import Job
from headgate.training.record import read_record, read_summary, write_summary
from headgate.training.request import resolve
from headgate.workspace import Workspace


def open_job(model, *, as_of=None, algorithms=None, data=None, labelled=None):
    """Resolve what is asked for, in the workspace of this process; returns a Job."""
    workspace = Workspace.from_environment()
    spec, folder, request = resolve(workspace, model, as_of=as_of, algorithms=algorithms, data=data,
                                    labelled=labelled)
    return Job(workspace, spec, folder, request)


def unchanged(job):
    """Return the summary of the latest run if it was of the same code, spec and data, else None."""
    record = read_record(job.workspace, job.request)
    return record and {**record, "outcome": "unchanged"}


def run_id():
    """Return the id of this flow run."""
    return str(flow_run.id)


def name_run(flow, summary):
    """Give the flow run a name with model, version and outcome."""
    from prefect.client.orchestration import get_client

    version = f" v{summary['version']}" if summary.get("version") else ""
    with get_client(sync_client=True) as client:
        client.update_flow_run(flow_run.id, name=f"{flow} {summary['model']}{version} {summary['outcome']}")


def keep_summary(job, summary):
    """Keep the summary of this flow run where its command and other programs find it."""
    write_summary(job.workspace, str(flow_run.id), summary)


def last_summary(state):
    """Return the summary that the flow run of a final state kept."""
    return read_summary(Workspace.from_environment(), str(state.state_details.flow_run_id))
