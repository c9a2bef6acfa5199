"""`python -m flows.remote` against a real Prefect server; the test plays the worker and says how each run ends."""

import contextlib
import http.server
import json
import os
import threading
import urllib.request
from unittest import mock

import pytest
from commands import Answer
from receiver import receiving
from typer.testing import CliRunner

from flows.launch.remote import app

ENDS = {"Completed": ("COMPLETED", 0), "Rejected": ("FAILED", 1), "Drift": ("COMPLETED", 3), "Failed": ("FAILED", 2),
        "TimedOut": ("FAILED", 2), "Crashed": ("CRASHED", 2), "Cancelled": ("CANCELLED", 2)}


@pytest.fixture
def server(prefect_url):
    """A client of the server, which knows the flow `train` as prefect.yaml deploys it."""
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.train import train_model
    with temporary_settings({PREFECT_API_URL: prefect_url}), get_client(sync_client=True) as client:
        flow = client.create_flow_from_name("train")
        from prefect.utilities.callables import parameter_schema
        client.create_deployment(flow, "train", parameters={"model": "flights"}, enforce_parameter_schema=True,
                                 parameter_openapi_schema=parameter_schema(train_model.fn).model_dump())
        yield client


def remote(url, *words):
    with mock.patch.dict(os.environ, {"PREFECT_API_URL": url, "PREFECT_API_KEY": "", "PREFECT_API_AUTH_STRING": ""}):
        from prefect.settings import PREFECT_API_URL, temporary_settings
        with temporary_settings({PREFECT_API_URL: url}):
            result = CliRunner().invoke(app, [*words, "--poll", "0.1", "--json"])
    return Answer(result.exit_code, result.stdout, result.stderr)


@pytest.mark.parametrize("name", ENDS)
def test_it_ends_as_the_flow_did(server, prefect_url, name):
    kind, code = ENDS[name]
    played = threading.Thread(target=end_the_next_run, args=(server, kind, name))
    played.start()
    answer = remote(prefect_url, "train", "--param", "model=teas", "--param", "algorithm=all", "--param", "as_of=")
    played.join()
    assert (answer.code, answer["exit_code"], answer["state"]) == (code, code, name), answer.complained
    assert answer["sentence"] == f"It was {name}." and answer["run"] in answer["url"]
    run = server.read_flow_run(answer["run"])
    assert run.parameters == {"model": "teas", "algorithm": ["all"]}


def end_the_next_run(client, kind, name):
    from prefect.client.schemas.filters import FlowRunFilter
    from prefect.client.schemas.objects import State, StateType
    waiting = FlowRunFilter.model_validate({"state": {"type": {"any_": ["SCHEDULED"]}}})
    while not (found := client.read_flow_runs(flow_run_filter=waiting)):
        pass
    end = State(type=StateType(kind), name=name, message=f"It was {name}.")
    client.set_flow_run_state(found[0].id, end, force=True)


def test_nobody_takes_it(server, prefect_url):
    answer = remote(prefect_url, "train", "--timeout", "1")
    assert answer.code == 2 and "No worker has taken it" in answer.complained
    server.set_flow_run_state(answer["error"].split("flow-run/")[1].split(".")[0], cancelled(), force=True)


def cancelled():
    from prefect.states import Cancelled
    return Cancelled()


@pytest.mark.parametrize("words, told", [
    (["trian"], "There is no flow 'trian' on the server"), (["train", "--param", "modle=x"], "did you mean 'model'"),
    (["train", "--param", "force=perhaps"], "refused")])
def test_what_there_is_not(server, prefect_url, words, told):
    answer = remote(prefect_url, *words)
    assert answer.code == 2 and told.lower() in answer.complained.lower()


def test_a_server_that_is_down_and_none_at_all(tmp_path):
    """The team is told, for no flow there can."""
    with receiving() as team, mock.patch.dict(os.environ, {"HEADGATE_NOTIFY": team.url,
                                                           "HEADGATE_HOME": str(tmp_path)}):
        assert remote("http://127.0.0.1:9/api", "train", "--param", "model=teas").code == 2
    [(_, told)] = team.got
    assert (told["kind"], told["model"]) == ("failed", "teas") and "could not be run" in told["message"]
    with mock.patch.dict(os.environ):
        os.environ.pop("PREFECT_API_URL", None)
        result = CliRunner().invoke(app, ["train"])
    assert result.exit_code == 2 and "python -m flows.train" in result.stderr


@contextlib.contextmanager
def answering(reply):
    """Yield the address of a server; reply(handler, body) returns (status, body, headers), or None to stay silent."""
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            told = reply(self, self.rfile.read(int(self.headers.get("Content-Length", 0))))
            if told is None:
                over.wait(60)
                return
            self.send_response(told[0])
            for name, value in {"Content-Length": str(len(told[1])), **told[2]}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told[1])

        do_POST = do_GET

        def log_message(self, *words):
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/api"
        over.set()
        server.shutdown()


def passed_on(handler, body, url):
    """Return what the server at `url` answers to the request that `handler` got."""
    request = urllib.request.Request(url.removesuffix("/api") + handler.path, body or None, method=handler.command,
                                     headers={"Content-Type": "application/json"})
    with contextlib.suppress(urllib.error.HTTPError), urllib.request.urlopen(request) as answer:
        return answer.status, answer.read(), {"Content-Type": "application/json"}
    return 404, b"{}", {"Content-Type": "application/json"}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("reply", [None, (503, b"{}", {"Retry-After": "600"})], ids=["silent", "busy"])
def test_a_server_that_never_answers_is_waited_for_no_longer_than_was_said(reply):
    with answering(lambda handler, body: reply) as url:
        answer = remote(url, "train", "--timeout", "1")
    assert answer.code == 2 and "did not answer in time" in answer.complained


@pytest.mark.timeout(60)
@pytest.mark.parametrize("silent, told", [("/flow_runs/", "The run did not end in time"),
                                          ("/artifacts/filter", "its report did not come in time")])
def test_nor_is_one_that_falls_silent_once_the_run_is_started(server, prefect_url, silent, told):
    def reply(handler, body):
        return None if handler.path.startswith(f"/api{silent}") else passed_on(handler, body, prefect_url)

    played = threading.Thread(target=end_the_next_run, args=(server, "COMPLETED", "Completed"))
    played.start()
    with answering(reply) as url:
        answer = remote(url, "train", "--timeout", "3")
    played.join()
    assert answer.code == 2 and told in answer.complained


def test_a_server_of_another_version():
    with answering(lambda handler, body: (200, json.dumps("2.20.1").encode(), {})) as url:
        answer = remote(url, "train")
    assert answer.code == 2 and "incompatible versions" in answer.complained and "2.20.1" in answer.complained
