"""What a workflow reads of a run: outputs that no value can break out of, and a page."""

import pytest

from headgate.commands.github import LARGEST_PAGE, need_github, outputs_of, page_of, tell_github
from headgate.errors import HeadgateError, StorageError


def read_outputs(text):
    """Read a file of outputs as the runner of GitHub Actions does."""
    found, lines = {}, iter(text.split("\n"))
    for line in lines:
        if "<<" in line and "=" not in line.split("<<")[0]:
            name, end = line.split("<<", 1)
            value = []
            for one in lines:
                if one == end:
                    break
                value.append(one)
            found[name] = "\n".join(value)
        elif line:
            name, found[name] = line.split("=", 1)[0], line.split("=", 1)[1]
    return found


def test_every_kind_of_value_has_a_text():
    told = read_outputs(outputs_of({"drift": True, "version": None, "share": 0.25, "rows": 27000, "model": "flights",
                                    "columns": [{"name": "temp"}], "limit": float("nan")}))
    assert told == {"drift": "true", "version": "", "share": "0.25", "rows": "27000", "model": "flights",
                    "columns": '[{"name": "temp"}]', "limit": ""}


@pytest.mark.parametrize("value", ["one\ntwo", "one\r\ntwo=3", "x\nEOF\noutcome=promoted", "a<<b", "\n"])
def test_no_value_makes_an_output_of_its_own(value):
    told = read_outputs(outputs_of({"sentence": value, "outcome": "rejected"}))
    assert told == {"sentence": value, "outcome": "rejected"}


def test_outputs_and_page_are_appended(tmp_path):
    places = {"GITHUB_OUTPUT": str(tmp_path / "output"), "GITHUB_STEP_SUMMARY": str(tmp_path / "page.md")}
    tell_github(True, {"outcome": "none"}, report="# One", environment=places)
    tell_github(True, {"outcome": "drift"}, report="# Two", environment=places)
    assert (tmp_path / "output").read_text() == "outcome=none\noutcome=drift\n"
    assert (tmp_path / "page.md").read_text() == "# One\n\n# Two\n\n"


def test_a_report_may_be_a_file_and_is_cut_where_github_would_refuse_it(tmp_path):
    (tmp_path / "report.md").write_text("ä" * LARGEST_PAGE, encoding="utf-8")
    page = page_of({}, tmp_path / "report.md")
    assert len(page.encode()) < LARGEST_PAGE + 100 and "cut" in page[-60:]
    assert page_of({"model": "tumors", "sentence": "Nothing moved."}) == "**tumors** Nothing moved.\n\n"


def test_without_the_file_of_outputs_it_is_an_error_before_the_run(tmp_path):
    with pytest.raises(HeadgateError, match="GITHUB_OUTPUT") as caught:
        need_github(True, {})
    assert caught.value.exit_code == 2
    need_github(False, {})
    tell_github(False, {"outcome": "none"}, environment={})


def test_without_a_page_only_the_outputs_are_written(tmp_path):
    tell_github(True, {"outcome": "none"}, environment={"GITHUB_OUTPUT": str(tmp_path / "output")})
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
    with pytest.raises(StorageError, match="nowhere"):
        tell_github(True, {}, environment={"GITHUB_OUTPUT": str(tmp_path / "nowhere" / "output")})
