"""What goes into the image of the service, and the commands that build it; building itself needs a tool for it."""

import json
import os
import subprocess
import sys

import pytest
from running import CHECKOUT, free_port, in_thread

from headgate.bundle import verify

BUILD, PROBE = CHECKOUT / "deployments/container/build.py", CHECKOUT / "deployments/container/healthcheck.py"
ROLL_OUT, IMAGE = CHECKOUT / "deployments/kubernetes/roll_out.py", f"registry.example.org/api@sha256:{'a' * 64}"


def build(*words, environment=None):
    """Return (exit code, the JSON of the last line) of build.py."""
    done = subprocess.run([sys.executable, str(BUILD), "--json", *map(str, words)], text=True, capture_output=True,
                          timeout=60, check=False, env={**os.environ, **(environment or {})})
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, json.loads(done.stdout.splitlines()[-1])


def probe(**environment):
    return subprocess.run([sys.executable, str(PROBE)], text=True, capture_output=True, timeout=60, check=False,
                          env={**os.environ, **environment})


def test_the_service_runs_from_what_the_image_is_made_of(shelf, tmp_path):
    """The context holds all that serving imports, and of the bundles those that are champions."""
    shelf.put(version="1")
    digest = verify(shelf.put(version="2", bias=1))

    code, told = build("--bundles", shelf.folder, "--context", tmp_path / "context")

    assert code == 0 and told["bundles"] == {"kettle": digest} and told["image"] == f"headgate-api:{digest[:12]}"
    context = tmp_path / "context"
    assert {path.name for path in context.iterdir()} == {
        "api", "headgate", "bundles", "deployments", "requirements-api.txt", "LICENSE", "Containerfile"}
    assert {path.name for path in (context / "bundles").iterdir()} == {"kettle", "roles.json"}
    done = subprocess.run([sys.executable, "-m", "api", "check", "--bundles", "bundles", "--expect",
                           told["arguments"]["EXPECT"]], cwd=context, text=True, capture_output=True, timeout=60)
    assert done.returncode == 0 and "kettle 2 would serve" in done.stdout, done.stderr


@pytest.mark.parametrize("tool, words", [
    ("docker", ["docker", "buildx", "build", "--load"]), ("podman", ["podman", "build", "--format", "docker"]),
    ("buildah", ["buildah", "build", "--format", "docker"])])
def test_each_tool_is_asked_in_its_own_words(shelf, tool, words):
    digest = verify(shelf.put())
    code, told = build("--bundles", shelf.folder, "--tool", tool, "--tag", "host:5000/headgate-api:7", "--push",
                       "--archive", "image.tar", "--base", "local/base", "--dry-run", "--", "--network", "host")

    made, saved, pushed = told["commands"]
    assert code == 0 and told["outcome"] == "planned" and made[:len(words)] == words
    assert "BASE=local/base" in made and f"EXPECT=kettle={digest}" in made and "sealed" in made
    assert made[-3:-1] == ["--network", "host"]
    assert any("image.tar" in word for word in saved) and "host:5000/headgate-api:7" in pushed


def test_without_bundles_the_image_is_the_one_to_mount_them_on():
    code, told = build("--tool", "podman", "--dry-run")
    assert code == 0 and told["target"] == "service" and told["bundles"] == {}
    assert "EXPECT" not in told["arguments"] and told["base"].startswith("docker.io/library/python:3.")


def test_the_digest_that_was_tested_is_the_digest_that_is_built(shelf):
    digest = verify(shelf.put())
    assert build("--bundles", shelf.folder, "--digest", f"kettle={digest}", "--tool", "podman", "--dry-run")[0] == 0

    verify(shelf.put(bias=1))
    code, told = build("--bundles", shelf.folder, "--digest", f"kettle={digest}", "--tool", "podman", "--dry-run")
    assert code == 1 and told["outcome"] == "refused" and digest in told["error"]


def test_a_bundle_that_roles_json_does_not_mean_is_refused(shelf):
    folder = shelf.put()
    shelf.give(folder, digest="0" * 64)
    code, told = build("--bundles", shelf.folder, "--tool", "podman", "--dry-run")
    assert code == 1 and "is not the bundle that roles.json names" in told["error"]


def test_a_bundle_that_was_changed_is_refused(shelf):
    (shelf.put() / "model.onnx").write_bytes(b"changed")
    code, told = build("--bundles", shelf.folder, "--tool", "podman", "--dry-run")
    assert code == 1 and "model.onnx was changed after the bundle was sealed" in told["error"]


@pytest.mark.parametrize("roles, words, told", [
    ("{", (), "cannot be used"), ({"models": {}}, (), "names no champion"), ({"models": []}, (), "cannot be used"),
    ({"models": {"kettle": {"champion": "../out"}}}, (), "outside of its folder"),
    ({"models": {"kettle": {"champion": "gone"}}}, (), "is no bundle"),
    ({"models": {"../kettle": {"champion": "gone"}}}, (), "names no model"),
    ({"models": {}}, ("--digest", "kettle; rm -rf /"), "64 hexadecimal digits")])
def test_what_cannot_be_built_is_told_in_a_sentence(shelf, roles, words, told):
    shelf.say(roles)
    code, found = build("--bundles", shelf.folder, "--tool", "podman", *words)
    assert code == 2 and found["outcome"] == "failed" and told in found["error"]


def test_a_tag_without_a_name_says_where_the_name_comes_from():
    code, told = build("--tool", "podman", "--dry-run", "--tag", ":run-1-1")
    assert code == 2 and "HEADGATE_IMAGE" in told["error"] and "':run-1-1'" in told["error"]


def test_a_tool_that_is_not_there_is_told(shelf, tmp_path):
    shelf.put()
    nothing = {"PATH": str(tmp_path)}
    code, told = build("--bundles", shelf.folder, environment=nothing)
    assert code == 2 and "none of docker, podman, buildah" in told["error"]
    code, told = build("--bundles", shelf.folder, "--tool", "buildah", environment=nothing)
    assert code == 2 and "buildah cannot be run" in told["error"]


def test_a_workflow_is_told_the_image_and_nothing_can_add_a_line(shelf, tmp_path):
    output = tmp_path / "output"
    build("--tool", "podman", "--dry-run", "--github-output", "--tag", "one\noutcome=pushed",
          environment={"GITHUB_OUTPUT": str(output)})
    lines = dict(line.split("=", 1) for line in output.read_text().splitlines())
    assert lines["image"] == "one outcome=pushed" and lines["outcome"] == "planned" and lines["target"] == "service"


@pytest.mark.parametrize("script, words", [(BUILD, ["--tool", "podman", "--context"]),
                                           (ROLL_OUT, ["production", "--image", IMAGE, "--render"])])
@pytest.mark.parametrize("place, told", [("", "needs the variable GITHUB_OUTPUT"), ("none/output", "No such file")])
def test_outputs_that_have_no_place_are_told_before_anything_is_done(tmp_path, script, words, place, told):
    made = tmp_path / "made"
    done = subprocess.run([sys.executable, str(script), *words, str(made), "--github-output"], text=True,
                          capture_output=True, timeout=60, check=False,
                          env={**os.environ, "GITHUB_OUTPUT": place and str(tmp_path / place)})
    assert done.returncode == 2 and told in done.stderr and "Traceback" not in done.stderr, done.stderr
    assert not made.exists()


def test_the_health_check_says_what_ready_says(kettle):
    done = probe(HEADGATE_HOST="0.0.0.0", HEADGATE_PORT=str(kettle.port))
    assert done.returncode == 0 and json.loads(done.stdout)["ready"] is True


def test_the_health_check_fails_where_nothing_serves(shelf, workspace):
    shelf.say({"models": {}})
    with in_thread(workspace, bundles=shelf.folder) as service:
        done = probe(HEADGATE_HOST="127.0.0.1", HEADGATE_PORT=str(service.port))
    assert done.returncode == 1 and json.loads(done.stdout)["ready"] is False
    done = probe(HEADGATE_PORT=str(free_port()))
    assert done.returncode == 1 and "does not answer" in done.stdout
