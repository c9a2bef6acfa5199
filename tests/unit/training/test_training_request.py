"""What a training depends on is in its key, and what it does not depend on is not; only the latest run counts."""

from dataclasses import replace
from datetime import date

import pytest
import yaml

from headgate.errors import SourceError, SpecError
from headgate.training import digests
from headgate.training.record import read_record, read_summary, write_record, write_summary
from headgate.training.request import resolve
from headgate.workspace import Workspace

SHOP = {"name": "shop", "data": {"source": {"csv": "shop.csv"}, "time_column": "day", "as_of": "2026-03-01"},
        "columns": [{"name": "price", "kind": "number"}, {"name": "colour", "kind": "category", "categories": ["a"]}],
        "target": {"column": "bought", "classes": ["no", "yes"]}, "algorithms": {"xgboost": {"max_depth": 3}}}
TABLE = "day,price,colour,bought\n2026-02-01,1,a,no\n"


@pytest.fixture
def workspace(tmp_path):
    (tmp_path / "models" / "shop").mkdir(parents=True)
    write(tmp_path, "model.yaml", yaml.safe_dump(SHOP))
    write(tmp_path, "shop.csv", TABLE)
    return Workspace.from_environment({"HEADGATE_HOME": str(tmp_path / "home")}, tmp_path)


def write(root, name, text):
    (root / "models" / "shop" / name).write_text(text, encoding="utf-8")


def edit(root, **parts):
    write(root, "model.yaml", yaml.safe_dump({**SHOP, **parts}))


def key(workspace, **asked):
    return resolve(workspace, "shop", **asked)[2].key


def test_the_same_question_has_the_same_key(workspace):
    before = key(workspace)
    write(workspace.root, "model.yaml", "# looked at\n" + yaml.safe_dump(dict(reversed(SHOP.items()))))
    write(workspace.root, "README.md", "About the shop.")
    assert key(workspace) == before
    assert key(workspace, as_of="2026-03-01") == key(workspace, algorithms=["xgboost"]) == before
    assert key(workspace, algorithms=["xgboost", "xgboost"]) == before


def test_whatever_the_outcome_depends_on_changes_the_key(workspace, tmp_path):
    seen = {"as it was": key(workspace)}
    seen["another day"] = key(workspace, as_of="2026-02-15")
    seen["another algorithm"] = key(workspace, algorithms=["random_forest"])
    seen["one more algorithm"] = key(workspace, algorithms=["xgboost", "random_forest"])
    seen["every algorithm"] = key(workspace, algorithms=["all"])
    (tmp_path / "other.csv").write_text(TABLE, encoding="utf-8")
    seen["another table"] = key(workspace, data=tmp_path / "other.csv")
    seen["labelled rows"] = key(workspace, labelled=tmp_path / "labelled" / f"{'1' * 64}.parquet")
    seen["other labelled rows"] = key(workspace, labelled=tmp_path / "labelled" / f"{'2' * 64}.parquet")
    write(workspace.root, "shop.csv", TABLE + "2026-02-02,2,a,yes\n")
    seen["another row"] = key(workspace)
    write(workspace.root, "features.py", "def engineer_features(columns):\n    return {}\n")
    seen["features"] = key(workspace)
    write(workspace.root, "features.py", "def engineer_features(columns):\n    return {}  # edited\n")
    seen["edited features"] = key(workspace)
    edit(workspace.root, algorithms={"xgboost": {"max_depth": 4}})
    seen["another parameter"] = key(workspace)
    edit(workspace.root, gates=[{"gate": "accuracy", "at_least": 0.8}])
    seen["another limit"] = key(workspace)
    edit(workspace.root, seed=1)
    seen["another seed"] = key(workspace)
    assert len(set(seen.values())) == len(seen), seen


def test_another_registry_knows_nothing_of_what_was_trained_for_the_first(workspace, tmp_path):
    elsewhere = Workspace.from_environment(
        {"HEADGATE_HOME": str(workspace.home), "MLFLOW_TRACKING_URI": "http://127.0.0.1:5000"}, tmp_path)
    assert key(elsewhere) != key(workspace)


def test_another_code_is_another_key(workspace, tmp_path, monkeypatch):
    before = key(workspace)
    for name in ("headgate", "tasks", "flows"):
        (tmp_path / "code" / name).mkdir(parents=True)
        (tmp_path / "code" / name / "step.py").write_text("ONE = 1\n", encoding="utf-8")
    monkeypatch.setattr(digests, "CHECKOUT", tmp_path / "code")
    seen = [before]
    for name in ("", "headgate/step.py", "tasks/step.py", "flows/step.py", "requirements.txt"):
        if name:
            (tmp_path / "code" / name).write_text("TWO = 2\n", encoding="utf-8")
        digests.code_digest.cache_clear()
        digests.lock_digest.cache_clear()
        seen.append(key(workspace))
    digests.code_digest.cache_clear()
    digests.lock_digest.cache_clear()
    assert len(set(seen)) == 6


@pytest.mark.parametrize("step, place, behind", [
    ("score", "headgate/graph/decision.py", True),          # what a fold is scored by
    ("score", "headgate/learning/features.py", True), ("fit", "headgate/graph/convert.py", True),
    ("validate", "headgate/validation/checks.py", True), ("snapshot", "headgate/data/cleaning.py", True),
    ("validate", "headgate/report/templates/validation.html", True), ("read", "headgate/spec/sources.py", True),
    ("read", "headgate/validation/checks.py", False), ("score", "headgate/gates/champion.py", False),
    ("fit", "headgate/registry/register.py", False)])
def test_a_step_depends_on_all_the_code_that_it_may_run_and_on_no_other(step, place, behind):
    assert (digests.CHECKOUT / place in digests.files_behind(step)) is behind
    assert (digests.CHECKOUT / place).is_file()


def test_a_request_is_resolved_against_the_clock_once(workspace):
    edit(workspace.root, data={**SHOP["data"], "as_of": "now"})
    [first, second] = [resolve(workspace, "shop", today=lambda zone, day=day: date(2026, 5, day))[2] for day in (3, 4)]
    assert (first.as_of, second.as_of) == (date(2026, 5, 3), date(2026, 5, 4)) and first.key != second.key


@pytest.mark.parametrize("asked, kind, told", [
    ({"as_of": "soon"}, SpecError, "'soon'.*YYYY-MM-DD"),
    ({"algorithms": ["xgbost"]}, SpecError, "Did you mean 'xgboost'"),
    ({"data": "nowhere.csv"}, SourceError, "nowhere.csv")])
def test_what_cannot_be_resolved_is_told_before_anything_heavy_starts(workspace, asked, kind, told):
    with pytest.raises(kind, match=told):
        resolve(workspace, "shop", **asked)
    assert not workspace.home.exists()


def test_only_the_latest_run_counts(workspace):
    """A, B, A: the third is a change back, and it trains."""
    first = resolve(workspace, "shop")[2]
    second = resolve(workspace, "shop", algorithms=["random_forest"])[2]
    assert read_record(workspace, first) is None, "nothing ran yet"
    write_record(workspace, first, {"outcome": "promoted", "report": None})
    assert read_record(workspace, first)["outcome"] == "promoted" and read_record(workspace, second) is None
    write_record(workspace, second, {"outcome": "held", "report": None})
    assert read_record(workspace, second)["outcome"] == "held" and read_record(workspace, first) is None


def test_a_record_counts_while_its_report_is_there_and_it_is_whole(workspace, tmp_path):
    request, report = resolve(workspace, "shop")[2], tmp_path / "report.html"
    report.write_text("<p>", encoding="utf-8")
    path = write_record(workspace, request, {"outcome": "promoted", "report": str(report)})
    assert read_record(workspace, request)["report"] == str(report)
    report.unlink()
    assert read_record(workspace, request) is None, "so that the report is written again"
    path.write_text(path.read_text(encoding="utf-8")[:20], encoding="utf-8")
    assert read_record(workspace, request) is None, "a damaged record is no record"
    assert list(path.parent.glob("*.tmp")) == []


def test_a_record_counts_while_its_version_is_in_the_registry_of_this_host(workspace):
    request = resolve(workspace, "shop")[2]
    write_record(workspace, request, {"model": "shop", "outcome": "promoted", "version": "1", "bundle": "d" * 64})
    assert read_record(workspace, request) is None, "the registry was deleted: train again"
    elsewhere = replace(workspace, tracking_uri="http://127.0.0.1:9")
    assert read_record(elsewhere, request), "a server is not asked for it"


def test_the_summary_of_a_flow_run_is_found_by_its_id(workspace):
    write_summary(workspace, "one", {"outcome": "held"})
    write_summary(workspace, "two", {"outcome": "rejected"})
    assert read_summary(workspace, "one") == {"outcome": "held"}
    with pytest.raises(FileNotFoundError):
        read_summary(workspace, "three")
