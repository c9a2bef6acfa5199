"""The lines of the README's "Serve it", run as they stand against a real service, get the answers shown there."""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from flights_bundle import write_flights
from ports import free_port, wait_for

from headgate.bundle.roles import Place, set_role
from headgate.spec import find_model, load_spec

ROOT = Path(__file__).resolve().parents[2]
CHANCE = ("probability", "probabilities", "timestamp", "prediction_id", "request_id")   # differ from model to model

pytestmark = pytest.mark.skipif(not (ROOT / "models" / "flights").is_dir(), reason="the flights example was deleted")


def told():
    """Return (the line that starts the service, [(line with curl, answer shown below it), ...])."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    part = text.split("\n## Serve it\n")[1].split("\n## ")[0]
    [start] = re.findall(r"^    (python -m api.*)$", part, re.MULTILINE)
    asked = re.findall(r"^    (curl .*)\n(?:.*\n)*?```json\n(.*)\n```", part, re.MULTILINE)
    return start, [(line, json.loads(answer)) for line, answer in asked]


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Run a line in a shell for which port 8000 is that of the service, which the README's line has started."""
    home, port = tmp_path_factory.mktemp("told"), free_port()
    place = write_flights(home / "bundles" / "flights-1", load_spec(find_model(ROOT, "flights")))
    set_role(place.parent, "flights", "champion", Place(bundle=place.name, version="1"))
    (home / ".curlrc").write_text(f'connect-to = "localhost:8000:127.0.0.1:{port}"\nconnect-to = "127.0.0.1:8000:127'
                                  f'.0.0.1:{port}"\n', encoding="utf-8")
    environment = {**os.environ, "CURL_HOME": str(home), "HEADGATE_HOME": str(home / "state"),
                   "HEADGATE_PORT": str(port), "HEADGATE_BUNDLES": str(place.parent),
                   "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])}
    with open(home / "service.log", "wb") as log:
        service = subprocess.Popen(told()[0].split(), cwd=ROOT, env=environment, stderr=log)
    try:
        wait_for(port, service, "/ready")
        yield lambda line: asked_by_curl(line, environment) if shutil.which("curl") else asked_by_hand(line, port)
    finally:
        service.terminate()
        service.wait(60)


def asked_by_curl(line, environment):
    return subprocess.run(line, shell=True, env=environment, capture_output=True, text=True, timeout=30, check=True,
                          encoding="utf-8").stdout


def asked_by_hand(line, port):
    """Send what a line tells curl to send, on a machine that has none."""
    parser = argparse.ArgumentParser()
    for name in ("-H", "-d"):
        parser.add_argument(name)
    parser.add_argument("-s", action="store_true")
    parser.add_argument("url")
    said = parser.parse_args(shlex.split(line)[1:])
    headers = dict([said.H.split(": ", 1)]) if said.H else {}
    url = re.sub(r"^(localhost|127\.0\.0\.1):8000", f"http://127.0.0.1:{port}", said.url)
    return httpx.request("POST" if said.d else "GET", url, content=said.d, headers=headers).text


@pytest.mark.parametrize("line, shown", told()[1], ids=["a prediction", "a refusal"])
def test_a_line_is_answered_as_it_is_shown(shell, line, shown):
    answer = json.loads(shell(line))
    assert list(answer) == list(shown)
    assert {name: value for name, value in answer.items() if name not in CHANCE} == \
        {name: value for name, value in shown.items() if name not in CHANCE}
    if "probabilities" in shown:
        assert list(answer["probabilities"]) == list(shown["probabilities"])
        assert answer["probability"] == answer["probabilities"][answer["prediction"]]
        assert answer["prediction_id"].startswith("flights.")


def test_readiness_says_who_serves(shell):
    [line] = re.findall(r"`(curl [^`]*/ready)`", (ROOT / "README.md").read_text(encoding="utf-8"))
    answer = json.loads(shell(line))
    assert answer["ready"] and answer["models"]["flights"]["version"] == "1" and not answer["refused"]
