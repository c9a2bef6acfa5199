"""`python -m api`: what it says when it cannot start, and what it does not load when it does."""

import ast
import json
import os
import shutil
import subprocess
import sys

import ferries
import pytest
from running import CHECKOUT, as_process


def run(*words, environment=None):
    """Return the ended `python -m api ...`."""
    return subprocess.run([sys.executable, "-m", "api", *map(str, words)], cwd=CHECKOUT, env=environment, text=True,
                          capture_output=True, timeout=60, check=False)


def test_help_names_every_setting_with_its_default():
    done = run("--help")
    assert done.returncode == 0
    for option in ("--workers", "--bundles", "--max-rows", "--keys-file", "--cors-origins", "--log-days", "examples:"):
        assert option in done.stdout


@pytest.mark.parametrize("words, told", [
    (("--port", "99999"), "--port (HEADGATE_PORT)"), (("--workers", "none"), "--workers (HEADGATE_WORKERS)"),
    (("--bundles", "/nowhere/at/all"), "no folder of bundles"), (("--log-level", "loud"), "--log-level"),
    (("--keys-file", "/nowhere/keys.txt"), "cannot be read"), (("--max-rows", "0"), "--max-rows (HEADGATE_MAX_ROWS)"),
    (("--log-buffer-mb", "inf"), "--log-buffer-mb (HEADGATE_LOG_BUFFER_MB)"),
    (("--cors-origins", "https://shop.example"), "--cors-origins")])
def test_what_cannot_be_is_told_in_a_sentence(words, told):
    done = run(*words)
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize("url, told", [
    ("mysql://me@localhost/db", "kind of database"), ("postgres//localhost", "not usable"),
    ("postgresql+nothing://localhost/db", "not usable")])
def test_a_database_that_can_never_be_is_told_at_the_start(shelf, url, told):
    shelf.put()
    done = run("--bundles", shelf.folder, environment={**os.environ, "HEADGATE_DATABASE_URL": url})
    assert done.returncode == 2 and told in done.stderr and "HEADGATE_DATABASE_URL" in done.stderr


def test_a_port_that_is_taken_is_told(kettle):
    done = run("--port", kettle.port)
    assert done.returncode == 2 and f"cannot listen on 127.0.0.1:{kettle.port}" in done.stderr


def test_a_key_is_shown_once_and_kept_as_a_hash(tmp_path):
    done = run("key", "ada", "--keys-file", tmp_path / "keys.txt", "--admin")
    assert done.returncode == 0 and len(done.stdout.strip()) >= 40
    name, may, digest = (tmp_path / "keys.txt").read_text().split()
    assert (name, may) == ("ada", "admin") and digest not in done.stdout and len(digest) == 64
    assert run("key", "two words", "--keys-file", tmp_path / "keys.txt").returncode == 2


def test_what_it_writes_on_standard_error_is_json_without_the_contents_of_a_row(shelf, workspace, row):
    shelf.put(version="1")
    with as_process(workspace, "--bundles", shelf.folder) as service:
        service.post("/predict", {"water level": 1234.5678, "maker": "b"})
        service.post("/predict", {"water level": "secret", "maker": "b"})
    text = next(workspace.home.parent.glob("service-*.log")).read_text()
    for line in text.splitlines():
        assert {"at", "level", "logger", "message"} <= json.loads(line).keys()
    assert "1234.5678" not in text and "secret" not in text


WHOLE_LIFE = """
import json, sys
from starlette.testclient import TestClient
from api.app import create_app
from api.settings import Settings
from headgate.workspace import Workspace

row, home = json.loads(sys.argv[1]), sys.argv[2]
workspace = Workspace.from_environment({"HEADGATE_HOME": home + "/state"})
with TestClient(create_app(Settings(bundles=home + "/served"), workspace)) as http:
    assert http.post("/predict", json=row).status_code == 200
    batch = http.post("/predict/batch", json={"instances": [row] * 500}).json()["predictions"]
    label = {"prediction_id": batch[0]["prediction_id"], "label": "late"}
    assert http.post("/feedback", json=label).status_code == 202
    for path in ("/", "/ready", "/models/ferries", "/metrics", "/docs", "/openapi.json"):
        assert http.get(path).status_code == 200
print(sorted({name.split(".")[0] for name in sys.modules}))
"""
LEFT_OUT = {"prefect", "mlflow", "great_expectations", "evidently", "sklearn", "pandas", "skl2onnx", "onnxmltools",
            "ndonnx", "onnx", "xgboost", "pyarrow", "matplotlib", "joblib", "scipy"}


def test_a_whole_life_needs_no_library_of_training(ferries_bundle, tmp_path):
    """A row, a batch, times of a zone, feedback, the log, the document and the pages."""
    shutil.copytree(ferries_bundle, tmp_path / "served" / "ferries")
    (tmp_path / "served" / "roles.json").write_text('{"models": {"ferries": {"champion": "ferries"}}}')
    row = json.dumps(ferries.row(leaves="2026-03-29T01:30:00Z"))
    done = subprocess.run([sys.executable, "-c", WHOLE_LIFE, row, str(tmp_path)], cwd=CHECKOUT, capture_output=True,
                          text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert LEFT_OUT & set(ast.literal_eval(done.stdout.splitlines()[-1])) == set()
