"""roll_out.py against a stand-in of the cluster whose pod is a real service: applied, verified, watched, undone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path

import kubectl_stand_in
import pytest
from running import CHECKOUT, in_thread

from headgate.bundle import verify

KUBECTL, ROLL_OUT = shutil.which("kubectl"), CHECKOUT / "deployments/kubernetes/roll_out.py"
OLD, NEW = (f"registry.example.org/headgate-api@sha256:{digit * 64}" for digit in "ab")
pytestmark = pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl here to render with")


@pytest.fixture
def cluster(tmp_path):
    """A cluster that runs OLD; `cluster(port, ...)` lets its next pods be the service on that port."""
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "kubectl").write_text(f"#!/bin/sh\nexec {sys.executable} {Path(kubectl_stand_in.__file__)} \"$@\"\n")
    (folder / "kubectl").chmod(0o755)

    def say(port, **state):
        found = {"images": [OLD], "stuck": [], "restarts": [0] * 9, "port": port, "calls": []} | state
        (tmp_path / "cluster.json").write_text(json.dumps(found))
    say.place, say.path = tmp_path / "cluster.json", folder
    return say


def roll_out(cluster, *words, image=NEW, stopped_by=None):
    """Return (exit code, the JSON of the last line, images that the cluster had, one after another).

    stopped_by : signals that it gets while it watches.
    """
    environment = {**os.environ, "PATH": f"{cluster.path}{os.pathsep}{os.environ['PATH']}",
                   "CLUSTER": str(cluster.place), "REAL_KUBECTL": KUBECTL}
    with subprocess.Popen([sys.executable, str(ROLL_OUT), "production", "--image", image, "--json", "--watch-seconds",
                           "0.2", *map(str, words)], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=environment) as process:
        said = ""
        while stopped_by and not said.startswith("verify"):
            said = process.stderr.readline()
            assert said, "it ended before it watched"
        for one in stopped_by or ():
            process.send_signal(one)
        told, trouble = process.communicate(timeout=60)
    assert "Traceback" not in trouble, trouble
    return process.returncode, json.loads(told.splitlines()[-1]), json.loads(cluster.place.read_text())["images"]


def test_credentials_are_a_file_of_ones_own_that_is_gone_afterwards(monkeypatch):
    monkeypatch.syspath_prepend(str(ROLL_OUT.parent))
    from credentials import credentials
    environment = {"KUBECONFIG_TEXT": "clusters: []", "KUBECONFIG": "/before"}
    with credentials(environment):
        path = Path(environment["KUBECONFIG"])
        assert path.read_text() == "clusters: []" and path.parent.stat().st_mode & 0o077 == 0
        assert "KUBECONFIG_TEXT" not in environment
    assert environment == {"KUBECONFIG": "/before"} and not path.parent.exists()
    with credentials(environment):
        assert environment == {"KUBECONFIG": "/before"}
    with credentials(environment := {"KUBECONFIG_TEXT": ""}):
        assert Path(environment["KUBECONFIG"]).read_text() == ""
    assert environment == {}


def test_what_serves_the_bundle_that_was_tested_stays(cluster, kettle):
    cluster(kettle.port)
    digest = kettle.get("/health").json()["models"]["kettle"]["digest"]

    code, told, images = roll_out(cluster, "--digest", f"kettle={digest}")

    assert (code, told["outcome"], images) == (0, "deployed", [OLD, NEW])
    assert [one["name"] for one in told["steps"]] == ["rollout", "verify", "watch"]


def test_a_rollout_that_does_not_end_is_taken_back(cluster, kettle):
    cluster(kettle.port, stuck=[NEW])
    code, told, images = roll_out(cluster)
    assert (code, told["outcome"], images) == (1, "rolled_back", [OLD, NEW, OLD])
    assert "timed out" in told["sentence"]


def test_put_back_later_and_only_where_it_runs(cluster, kettle):
    cluster(kettle.port)
    roll_out(cluster)
    for outcome in ("rolled_back", "unchanged"):
        code, told, images = roll_out(cluster, "--back")
        assert (code, told["outcome"], images) == (0, outcome, [OLD, NEW, OLD])


def test_put_back_where_nothing_was_before(cluster, kettle):
    cluster(kettle.port, images=[NEW])
    code, told, images = roll_out(cluster, "--back")
    assert (code, told["outcome"], images) == (2, "failed", [NEW]) and "no way back" in told["sentence"]


def test_pods_that_serve_another_bundle_are_taken_back(cluster, kettle):
    cluster(kettle.port)
    code, told, images = roll_out(cluster, "--digest", f"kettle={'0' * 64}")
    assert (code, told["outcome"], images[-1]) == (1, "rolled_back", OLD) and "0" * 64 in told["sentence"]


def test_pods_that_start_again_are_taken_back(cluster, kettle):
    cluster(kettle.port, restarts=[0, 0, 1])
    code, told, images = roll_out(cluster)
    assert (code, images[-1]) == (1, OLD) and "headgate-api-1 started again" in told["sentence"]


ANSWERED = {f"{name} may fail once": {name: [False, False, True]} for name in ("/metrics", "/ready")} | {
    "the first look may fail": {"/metrics": [True]}}


@pytest.mark.parametrize("case", ANSWERED)
def test_one_look_that_fails_is_no_reason(cluster, kettle, row, case):
    kettle.post("/predict", row)
    cluster(kettle.port, silent=ANSWERED[case], restarts=[0] * 99)
    code, told, images = roll_out(cluster, "--watch-seconds", 1.5)
    assert (code, told["outcome"], images[-1]) == (0, "deployed", NEW), told["sentence"]
    assert told["steps"][-1]["sentence"].startswith("0 of 0 requests")


@pytest.mark.parametrize("state, why", [
    ({"silent": {"/metrics": [True] * 99}}, "never told its figures"),
    ({"silent": {"/ready": [False, False, True, True]}}, "is not ready any more"),
    ({"restarts": [0, 0, 0, "gone"]}, f"No pod runs {NEW} any more")])
def test_what_is_not_seen_to_be_right_is_taken_back(cluster, kettle, state, why):
    cluster(kettle.port, **{"restarts": [0] * 99, **state})
    code, told, images = roll_out(cluster, "--watch-seconds", 1.5)
    assert (code, told["outcome"], images[-1]) == (1, "rolled_back", OLD) and why in told["sentence"], told["sentence"]


def test_errors_that_rise_while_it_is_watched_are_taken_back(cluster, shelf, workspace, row):
    shelf.put(version="1")
    (shelf.put(model="teapot") / "model.onnx").write_bytes(b"broken")
    over = threading.Event()
    with in_thread(workspace, bundles=shelf.folder) as service:
        cluster(service.port)

        def ask():
            while not over.is_set():
                assert service.post("/models/teapot/predict", row).status_code == 503
        asking = threading.Thread(target=ask)
        asking.start()
        try:
            code, told, images = roll_out(cluster, "--digest", f"kettle={verify(shelf.folder / 'kettle-0')}",
                                          "--watch-seconds", "30")
        finally:
            over.set()
            asking.join()
    assert (code, told["outcome"], images[-1]) == (1, "rolled_back", OLD) and "5xx" in told["sentence"]


def test_a_first_rollout_that_is_not_right_has_no_way_back_and_says_so(cluster, kettle):
    cluster(kettle.port, images=[], stuck=[NEW])
    code, told, images = roll_out(cluster)
    assert (code, told["outcome"], images) == (2, "failed", [NEW]) and "no way back" in told["sentence"]


def test_kubectl_that_fails_while_it_is_watched_leaves_the_version_before(cluster, kettle):
    cluster(kettle.port, restarts=[0, 0, None])
    code, told, images = roll_out(cluster)
    assert (code, told["outcome"], images) == (2, "rolled_back", [OLD, NEW, OLD])
    assert "Unable to connect" in told["sentence"] and "The version before is back." in told["sentence"]


@pytest.mark.parametrize("signals", [(signal.SIGINT, signal.SIGTERM), (signal.SIGTERM,)])
def test_stopped_while_it_watches_it_puts_the_version_before_back(cluster, kettle, signals):
    cluster(kettle.port, restarts=[0] * 99)
    code, told, images = roll_out(cluster, "--watch-seconds", 60, stopped_by=signals)
    assert (code, told["outcome"], images) == (2, "rolled_back", [OLD, NEW, OLD]) and "stopped" in told["sentence"]


def test_an_image_that_was_never_applied_is_not_taken_for_the_new_one(cluster, kettle):
    for before in (OLD, NEW):
        cluster(kettle.port, images=["older", before], refused=True)
        code, told, images = roll_out(cluster)
        assert (code, told["outcome"], images) == (2, "failed", ["older", before])
        assert "Forbidden" in told["sentence"] and f"asks for {before}" in told["sentence"]


def test_put_back_before_there_is_a_pod(cluster):
    cluster(0, images=["older", OLD, NEW], late=True, restarts=[])
    code, told, images = roll_out(cluster, "--back")
    assert (code, told["outcome"], images) == (0, "rolled_back", ["older", OLD, NEW, OLD]), told


def test_a_cluster_that_answers_nothing_holds_nobody_up(cluster, monkeypatch):
    monkeypatch.syspath_prepend(ROLL_OUT.parent)
    (cluster.path / "kubectl").write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setenv("PATH", str(cluster.path), prepend=os.pathsep)
    from cluster import CannotRollOut, kubectl
    monkeypatch.setattr("cluster.GRACE_SECONDS", 0.1)
    with pytest.raises(CannotRollOut, match="get ended with 124: It did not end"):
        kubectl("get", "pods", seconds=0.1)


@pytest.mark.parametrize("words, image, told", [
    ((), "registry.example.org/headgate-api:latest", "goes by its digest"),
    (("--by-tag",), "one two; three", "goes by its digest"), (("--digest", "kettle"), NEW, "64 hexadecimal")])
def test_nothing_is_applied_when_the_wish_is_not_clear(cluster, kettle, words, image, told):
    cluster(kettle.port)
    code, found, images = roll_out(cluster, *words, image=image)
    assert code == 2 and told in found["sentence"] and images == [OLD]


def test_rendering_touches_no_cluster(cluster, kettle, tmp_path):
    cluster(kettle.port)
    code, told, images = roll_out(cluster, "--render", tmp_path / "manifests.yaml")
    assert (code, told["outcome"], images) == (0, "rendered", [OLD])
    assert f"image: {NEW}" in (tmp_path / "manifests.yaml").read_text()
