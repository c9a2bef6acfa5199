"""ci-tests.yml: what passes, and what each kind of failure does to the one job that branch protection requires."""

WORKFLOW = "ci-tests.yml"
QUICK = {"PYTEST_ADDOPTS": "-n 0 -p no:cacheprovider"}
ONE = ("--matrix", "python:3.12")


def test_everything_in_order(small_team):
    run = small_team.act(WORKFLOW, environment=QUICK)
    assert run.result == {"lint": "success", "tests": "success", "required": "success"}, run.text
    assert run.jobs["tests"] == ["success"] * 3
    assert (small_team.root / "installed.txt").read_text().splitlines() == \
        ["install --require-hashes --requirement requirements-dev.txt"] * 4
    assert run.page.count("TOTAL") == 3
    assert {path.name for path in small_team.artifacts.iterdir()} == \
        {f"coverage-3.{minor}.zip" for minor in (11, 12, 13)}


def test_a_failing_test(small_team):
    small_team.write("tests/test_headgate.py", "def test_plain():\n    assert 1 == 2\n")
    run = small_team.act(WORKFLOW, "pull_request", environment=QUICK, options=ONE)
    assert run.result == {"lint": "success", "tests": "failure", "required": "failure"}
    assert run.steps["tests", "Tests"] == ["failure"]
    assert run.page.count("TOTAL") == 1 and (small_team.artifacts / "coverage-3.12.zip").is_file()


def test_bad_style(small_team):
    small_team.write("headgate/ugly.py", "import os\n")
    run = small_team.act(WORKFLOW, "pull_request", environment=QUICK, options=ONE)
    assert run.result == {"lint": "failure", "tests": "success", "required": "failure"}
    assert run.steps["lint", "Style"] == ["failure"]


def test_a_model_that_cannot_be_read(small_team):
    small_team.write("models/teas/model.yaml", "name: teas\ncolums: []\n")
    run = small_team.act(WORKFLOW, "pull_request", options=("-j", "lint"))
    assert run.result == {"lint": "failure"}
    assert run.steps["lint", "Every model.yaml"] == ["failure"]
    assert any("colums" in line for line in run.said)


def test_a_workflow_with_an_unpinned_action(small_team):
    path = small_team.folder / ".github/workflows/ci-tests.yml"
    path.write_text(path.read_text().replace("@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1", "@v7"))
    run = small_team.act(WORKFLOW, "pull_request", options=("-j", "lint"))
    assert run.steps["lint", "Every workflow"] == ["failure"]
