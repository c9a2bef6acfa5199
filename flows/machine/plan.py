"""What one machine consists of: addresses, environments, and the commands of its parts."""

import os
import socket
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from flows.launch.answers import answers, ask
from flows.launch.embedded import prefect_environment
from flows.machine import databases
from flows.machine.part import Part
from headgate.errors import HeadgateError
from headgate.registry.connection import remote
from headgate.workspace import Workspace

POOL = "headgate"
QUICK = 1.0
DATABASES = {"prefect": "PREFECT_API_DATABASE_CONNECTION_URL", "mlflow": "MLFLOW_TRACKING_URI"}
# a run's log goes to Prefect; on one machine a worker may look for work more often than every ten seconds
SERVER = {"PREFECT_LOGGING_LEVEL": "INFO", "PREFECT_WORKER_QUERY_SECONDS": "2", "GX_ANALYTICS_ENABLED": "false",
          # who holds a slot outlives the server, else a slot held while it ended would never be free again
          "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem",
          "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}


@dataclass(frozen=True)
class Plan:
    """workspace, environment : of all parts. limit : flow runs at once.

    own : databases beside Headgate's that this machine makes: of "prefect" and "mlflow", on PostgreSQL.
    """

    workspace: Workspace
    host: str
    ports: dict
    limit: int
    environment: dict = field(default_factory=dict)
    own: tuple = ()

    @property
    def own_registry(self):
        """False where MLFLOW_TRACKING_URI is a server's; then there is none to start."""
        return not remote(self.workspace)

    @property
    def addresses(self):
        """name -> URL of what answers HTTP."""
        found = {"Prefect": self.at("prefect"), "API": self.at("api")}
        return {**found, "MLflow": self.at("mlflow") if self.own_registry else self.workspace.tracking_uri}

    def at(self, name):
        """Return the URL of a part as this machine reaches it."""
        host = "127.0.0.1" if self.host in ("0.0.0.0", "") else self.host
        return f"http://{f'[{host}]' if ':' in host else host}:{self.ports[name]}"


def make_plan(*, home, host, ports, limit, environment=None):
    """Return the Plan; raises HeadgateError for settings that contradict it. Nothing is started or written."""
    given = dict(os.environ if environment is None else environment)
    if home:
        given["HEADGATE_HOME"] = str(home)
    beside = _databases(Workspace.from_environment(given).database_url, given)
    workspace = Workspace.from_environment({**given, **beside})
    _refuse_same(ports)
    plan = Plan(workspace, host, ports, limit)
    _refuse_other_server(given, plan)
    fires = {"HEADGATE_PREFECT_SCHEDULES": "false" if given.get("HEADGATE_SCHEDULES") == "github" else "true"}
    stated = {**beside, "HEADGATE_HOME": str(workspace.home), "HEADGATE_ROOT": str(workspace.root),
              "MLFLOW_TRACKING_URI": workspace.tracking_uri, "PREFECT_API_URL": f"{plan.at('prefect')}/api"}
    wanted = {**prefect_environment(workspace.home, {}), **SERVER, **fires, **_production(plan, given), **given,
              **stated}
    own = [name for name, variable in DATABASES.items() if variable in beside]
    return replace(plan, environment=wanted, own=tuple(own))


def _production(plan, given):
    """Let deployments verify and watch this machine's own API, unless it follows no registry or asks for a key."""
    closed = given.get("HEADGATE_KEYS_FILE") and not given.get("HEADGATE_ADMIN_KEY")
    if closed or given.get("HEADGATE_BUNDLES") or given.get("HEADGATE_ALIAS", "champion") != "champion":
        return {}
    return {"HEADGATE_PRODUCTION_URL": plan.at("api")}


def _databases(url, given):
    """Return the settings of the databases beside Headgate's on PostgreSQL; what is set already stays."""
    if not databases.is_postgres(url):
        return {}
    beside = {"prefect": databases.for_prefect(url), "mlflow": databases.for_mlflow(url)}
    return {variable: beside[name] for name, variable in DATABASES.items() if not given.get(variable)}


def check_ports(plan):
    """Raise HeadgateError naming the ports that something else listens on, and the options for others."""
    names = [name for name in plan.ports if name != "mlflow" or plan.own_registry]
    taken = [name for name in names if not _is_free(plan.host, plan.ports[name])]
    if taken:
        raise HeadgateError("Something else listens there already, or nothing may.",
                            value=", ".join(f"{plan.host}:{plan.ports[name]} ({name})" for name in taken),
                            remedy="Choose other ports: " + " ".join(f"--{name}-port N" for name in taken) + ".")


def servers(plan):
    """Return the parts that can start at once: Prefect, MLflow where it is this machine's own, the API."""
    words = ("prefect", "server", "start", "--host", plan.host, "--port", str(plan.ports["prefect"]))
    prefect = Part("prefect", words, lambda: answers(f"{plan.at('prefect')}/api/health", seconds=QUICK),
                   environment={"PREFECT_SERVER_UI_STATIC_DIRECTORY": str(plan.workspace.home / "prefect" / "ui"),
                                "PREFECT_SERVER_LOGGING_LEVEL": "WARNING"}, address=plan.at("prefect"))
    api = Part("api", ("api", "--host", plan.host, "--port", str(plan.ports["api"])),
               lambda: answers(f"{plan.at('api')}/health", seconds=QUICK), address=plan.at("api"), grace=35.0)
    return (prefect, _mlflow(plan), api) if plan.own_registry else (prefect, api)


def worker(plan, again=None):
    """Return the worker, which needs its work pool. again : called before it is started another time."""
    words = ("prefect", "worker", "start", "--pool", POOL, "--type", "process", "--limit", str(plan.limit),
             "--name", f"{socket.gethostname()}-{plan.ports['prefect']}", "--install-policy", "never")
    return Part("worker", words, lambda: _works(plan), grace=20.0, again=again)


def _mlflow(plan):
    words = ("mlflow", "server", "--host", plan.host, "--port", str(plan.ports["mlflow"]), "--workers", "1")
    return Part("mlflow", words, lambda: answers(f"{plan.at('mlflow')}/health", seconds=QUICK),
                environment={"MLFLOW_BACKEND_STORE_URI": plan.workspace.tracking_uri,
                             "MLFLOW_ARTIFACTS_DESTINATION": str(plan.workspace.artifacts)}, address=plan.at("mlflow"))


def _works(plan):
    found = ask(f"{plan.at('prefect')}/api/work_pools/{POOL}/workers/filter", {}, seconds=QUICK) or []
    return any(one["status"] == "ONLINE" for one in found)


def _refuse_same(ports):
    names = [name for name in ports if list(ports.values()).count(ports[name]) > 1]
    if names:
        raise HeadgateError("Two parts cannot listen on one port.",
                            value=", ".join(f"{name} {ports[name]}" for name in names),
                            remedy="Choose other ports: " + " ".join(f"--{name}-port N" for name in names[1:]) + ".")


def _refuse_other_server(environment, plan):
    named = environment.get("PREFECT_API_URL", "")
    if named and (urlsplit(named).hostname, urlsplit(named).port) not in (
            (urlsplit(plan.at("prefect")).hostname, plan.ports["prefect"]), ("localhost", plan.ports["prefect"])):
        raise HeadgateError("PREFECT_API_URL names another Prefect server, and this would start one of its own.",
                            value=named, limit=f"{plan.at('prefect')}/api", remedy="Unset it.")


def _is_free(host, port):
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
            if os.name != "nt":
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((host, port))
        return True
    except OSError:
        return False
