"""`python -m api check`: whether the service would take every champion, told before anybody is answered."""

import json
import subprocess
import sys

import pytest
from running import CHECKOUT

from headgate.bundle import verify


def check(*words):
    """Return (exit code, the JSON of the last line, standard error)."""
    done = subprocess.run([sys.executable, "-m", "api", "check", "--json", *map(str, words)], cwd=CHECKOUT, text=True,
                          capture_output=True, timeout=60, check=False)
    return done.returncode, json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_a_champion_that_answers_its_golden_rows_would_serve(shelf):
    digest = verify(shelf.put(version="3"))

    code, found, _ = check("--bundles", shelf.folder, "--expect", f"kettle={digest}")

    assert code == 0 and found["outcome"] == "serves" and found["refused"] == {}
    assert found["models"] == {"kettle": {"version": "3", "role": "champion", "digest": digest}}


def test_one_bad_champion_of_two_is_named_and_the_other_too(shelf):
    shelf.put(version="1")
    broken = shelf.put(model="teapot", version="2")
    (broken / "model.onnx").write_bytes(b"changed")

    code, found, _ = check("--bundles", shelf.folder)

    assert code == 1 and set(found["models"]) == {"kettle"}
    assert "model.onnx was changed after the bundle was sealed" in found["refused"]["teapot"]


def test_another_bundle_than_the_one_expected_is_refused(shelf):
    shelf.put(version="1")

    code, found, _ = check("--bundles", shelf.folder, "--expect", f"kettle={'0' * 64},teapot={'1' * 64}")

    assert code == 1 and "another bundle" in found["refused"]["kettle"]
    assert found["refused"]["teapot"] == "It has no champion here."


def test_a_folder_without_a_champion_is_no_success(shelf):
    shelf.say({"models": {}})
    code, found, _ = check("--bundles", shelf.folder)
    assert code == 1 and found["refused"] == {"*": "No model has a champion here."}


@pytest.mark.parametrize("words, told", [
    (("--expect", "kettle=abc"), "NAME=DIGEST"), (("--bundles", "/nowhere/at/all"), "no folder of bundles")])
def test_what_cannot_be_looked_at_ends_with_2(shelf, words, told):
    code, found, stderr = check("--bundles", shelf.folder, *words)
    assert code == 2 and told in found["error"] and told in stderr and "Traceback" not in stderr


def test_a_folder_without_roles_ends_with_2(shelf):
    code, found, _ = check("--bundles", shelf.folder)
    assert code == 2 and "roles.json does not exist" in found["error"]
