"""What may be said of the workflows without running them."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / ".github").rglob("*.yml"))
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.S)


def tool(*words):
    return subprocess.run([str(Path(sys.executable).with_name(words[0])), *words[1:]], cwd=ROOT, capture_output=True,
                          text=True, timeout=120)


def jobs_of(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].items()


def test_actionlint_reports_nothing():
    answer = tool("actionlint")
    assert (answer.returncode, answer.stdout) == (0, ""), answer.stdout


def test_zizmor_reports_nothing():
    answer = tool("zizmor", "--offline", "--strict-collection", "--no-progress", ".")
    assert answer.returncode == 0, answer.stdout


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_is_granted_but_by_the_job(path):
    assert yaml.safe_load(path.read_text(encoding="utf-8"))["permissions"] == {}
    for name, job in jobs_of(path):
        assert "permissions" in job, f"{path.name}: {name}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_has_an_end(path):
    for name, job in jobs_of(path):
        assert "uses" in job or 0 < job["timeout-minutes"] <= 120, f"{path.name}: {name}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_actions_are_pinned_by_commit_with_the_version_beside_it(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if "uses: " in line and "uses: ./" not in line:
            assert re.search(r"uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$", line), f"{path.name}: {line}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_expression_is_written_into_a_script(path):
    """Values reach scripts as variables of their environment, so that no value becomes part of a command."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    steps = [step for job in document.get("jobs", {}).values() for step in job.get("steps", ())]
    steps += document.get("runs", {}).get("steps", ())
    for step in steps:
        assert not EXPRESSION.search(step.get("run", "")), f"{path.name}: {step}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_no_step_only_echoes(path):
    for name, job in jobs_of(path):
        for step in job.get("steps", ()):
            commands = [line.strip() for line in step.get("run", "x").splitlines() if line.strip()]
            assert not all(line.startswith(("echo", "printf", ":")) for line in commands), f"{path.name}: {name}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_checkout_leaves_no_token_behind(path):
    for name, job in jobs_of(path):
        for step in job.get("steps", ()):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False, f"{path.name}: {name}"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_what_a_skipped_job_did_not_say_is_not_taken_for_an_answer(path):
    """A job that runs behind others that failed asks of each whose output it compares whether it ran at all.

    An output that there is not equals '' on GitHub; for act it does not.
    """
    for name, job in jobs_of(path):
        condition = str(job.get("if", ""))
        if "cancelled()" in condition or "always()" in condition:
            for asked in re.findall(r"needs\.([\w-]+)\.outputs", condition):
                assert f"needs.{asked}.result" in condition, f"{path.name}: {name}"


@pytest.mark.parametrize("name", ["model-training", "schedule-retrain"])
def test_a_run_that_will_do_nothing_takes_nobodys_place(name):
    """Its concurrency group is its own on the very condition on which the first job is skipped."""
    document = yaml.safe_load((ROOT / f".github/workflows/{name}.yml").read_text(encoding="utf-8"))
    condition = " ".join(document["jobs"]["plan"]["if"].split())
    group = " ".join(document["concurrency"]["group"].split())
    assert group.endswith("${{ !( " + condition + " ) && format('-{0}', github.run_id) || '' }}")


def test_a_push_and_a_pull_request_validate_for_the_same_changes():
    """Written twice, because zizmor does not see through an anchor."""
    started = yaml.safe_load((ROOT / ".github/workflows/data-validation.yml").read_text(encoding="utf-8"))[True]
    assert started["push"]["paths"] == started["pull_request"]["paths"]
