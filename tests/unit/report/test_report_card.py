import re
from html.parser import HTMLParser

import pytest

from headgate.report.card import write_model_card
from headgate.report.plots import write_plots
from headgate.report.words import without_secrets
from tests.unit.report.samples import HOSTILE, make_evaluation, make_spec

SECTIONS = {"gates", "metrics", "candidates", "plots", "slices", "data", "columns", "limits", "training", "reproduce"}
VOID = {"meta", "link", "img", "br"}


class Page(HTMLParser):
    """Collects what a browser would fetch or run, the text of every section, and whether tags balance."""

    def __init__(self, text):
        super().__init__()
        self.references, self.tags, self.text, self.open, self.section = [], [], {"": ""}, [], ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        attributes = dict(attributes)
        self.references += [value for name, value in attributes.items()
                            if name in ("src", "href", "srcset", "action", "poster", "data")]
        self.references += re.findall(r"url\(([^)]*)\)", attributes.get("style", ""))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "section":
            self.section = attributes["id"]
            self.text[self.section] = ""

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        self.section = "" if tag == "section" else self.section

    def handle_data(self, data):
        if self.open[-1:] == ["style"]:
            assert "url(" not in data and "@import" not in data
        self.text[self.section] += data


def written(folder, card, **changes):
    paths = write_model_card(folder, **{**vars(card), **changes})
    return Page(paths.html.read_text(encoding="utf-8")), paths.markdown.read_text(encoding="utf-8")


@pytest.fixture
def whole(tmp_path, card):
    write_plots(card.evaluation, tmp_path / "plots", candidates=card.candidates)
    return written(tmp_path, card)


def test_the_page_needs_nothing_but_itself(whole):
    page, _ = whole
    assert page.references and all(reference.startswith("data:") for reference in page.references)
    assert not {"script", "iframe", "object", "embed", "form"} & set(page.tags)
    assert page.open == []
    assert page.tags.count("img") == 7


def test_the_page_has_every_section_with_what_was_measured(whole, card):
    page, _ = whole
    assert set(page.text) - {""} == SECTIONS
    expected = {
        "": ["members", "Will a member stay?", "Reject", "Rejected by cost (1 of 3 gates passed).",
             "cost: Too slow by far."],
        "gates": ["accuracy", "0.9123", "Good enough.", "champion", "Cannot tell.", "cost", "Too slow by far.", "fail"],
        "metrics": ["Accuracy", f"{card.evaluation['metrics']['accuracy']:.4f}", "Champion (version 4)", "0.8765",
                    "Expected calibration error", "On the same rows.", "yes (Stays a year)"],
        "candidates": ["random_forest", "chosen", "0.8500", "0.8000, 0.9000", "1.3", "trees: 1234", "xgboost"],
        "slices": ["town", "Oslo", "Bergen", "missing", "0.8"],
        "data": ["members.csv", "12,345", "not a member", "17", "duplicate: 3", "9,000", "400", "2024-03-01",
                 "start: 2024-02-01"],
        "columns": ["age", "number", "years", "0 to 120", "Age at entry", "0.2000", "Oslo, Bergen"],
        "limits": ["2 classes (no, Stays a year)", "2024-03-01", "unknown in: town", "weakest where town"],
        "training": ["random_forest", "77", "1234", "0f" * 20, "d1" * 32, "5a" * 32, "10" * 32, "numpy", "2.4.6",
                     "3.11.9"]}
    missing = [(name, text) for name, texts in expected.items() for text in texts if text not in page.text[name]]
    assert missing == []


def test_the_markdown_says_the_same(whole):
    _, text = whole
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert "| accuracy | 0.9123 | 0.9 | pass | Good enough. |" in rows
    assert "| champion | -0.001 | -0.02 | hold | Cannot tell. |" in rows
    assert "| cost | – | 20 | fail | Too slow by far. |" in rows
    assert "![Confusion matrix: true against predicted class](plots/confusion.png)" in text
    assert f"| Data digest | {'d1' * 32} |" in rows


def test_every_markdown_table_is_a_table(whole):
    _, text = whole
    for block in re.findall(r"(?:^\|.*\n)+", text, flags=re.MULTILINE):
        head, rule, *_ = lines = block.splitlines()
        assert set(rule) <= set("|-:")
        assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {head.count("|")}


@pytest.mark.parametrize(("decision", "kind", "command"), [
    ("promote", "pass", "python -m headgate reproduce members --version VERSION"),
    ("hold", "hold", "python -m headgate reproduce members --version VERSION"),
    ("reject", "fail", "python -m flows.train --model members --as-of 2024-03-01 --force")])
def test_the_banner_and_the_command_follow_the_verdict(decision, kind, command, tmp_path, card):
    page, text = written(tmp_path, card, verdict={**card.verdict, "decision": decision})
    assert f'<div class="banner {kind}"' in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert command in page.text["reproduce"] and f"    {command}\n" in text


def test_a_known_version_is_named(tmp_path, card):
    page, text = written(tmp_path, card, verdict={"decision": "promote", "gates": []}, version="12")
    assert "--version 12" in page.text["reproduce"]
    assert text.startswith("# members version 12\n")


@pytest.mark.parametrize(("verdicts", "told"), [
    (["pass", "pass"], []), (["pass", "hold"], ["g1: s1"]), (["hold", "fail"], ["g1: s1"]),
    (["hold", "hold"], ["g0: s0", "g1: s1"])])
def test_the_gates_that_stopped_it_are_told_on_top(verdicts, told, tmp_path, card):
    gates = [{"name": f"g{index}", "observed": 1, "limit": 1, "verdict": verdict, "sentence": f"s{index}"}
             for index, verdict in enumerate(verdicts)]
    page, _ = written(tmp_path, card, verdict={"decision": "hold", "gates": gates})
    assert re.findall(r"g\d: s\d", page.text[""]) == told
    assert f"{verdicts.count('pass')} of 2 gates passed." in page.text[""]


def test_without_gates_it_says_that_nothing_is_promoted(tmp_path, card):
    page, text = written(tmp_path, card, verdict={"decision": "hold", "gates": []})
    assert "nothing is ever promoted" in page.text[""]
    assert "No gate is declared." in text


def test_hostile_names_are_text_everywhere(tmp_path, card):
    columns = [{"name": HOSTILE, "kind": "category", "categories": [HOSTILE, "|"], "unit": HOSTILE,
                "description": HOSTILE}]
    spec = make_spec(description=HOSTILE, columns=columns, slices=[], target={
        "column": "stays", "classes": ["no", HOSTILE], "labels": {"no": HOSTILE}})
    gates = [{"name": HOSTILE, "observed": HOSTILE, "limit": [HOSTILE], "verdict": "fail", "sentence": HOSTILE}]
    page, text = written(
        tmp_path, card, spec=spec, verdict={"decision": "reject", "sentence": HOSTILE, "gates": gates},
        lineage={"algorithm": HOSTILE, "parameters": {HOSTILE: HOSTILE}, "libraries": {HOSTILE: HOSTILE}},
        evaluation={**make_evaluation(), "classes": ["no", HOSTILE]}, version=HOSTILE,
        candidates=[{"algorithm": HOSTILE, "parameters": {HOSTILE: HOSTILE}, "folds": [], "mean": None}],
        reading={"source": HOSTILE, "dropped": {HOSTILE: 1}}, champion={"version": HOSTILE, "note": HOSTILE})
    assert "script" not in page.tags and page.open == []
    assert HOSTILE in page.text["columns"] and HOSTILE in page.text["training"] and HOSTILE in page.text["gates"]
    outside_code = "\n".join(line for line in text.splitlines() if not line.startswith("    "))
    assert "<script" not in outside_code


def test_optional_parts_may_be_missing(tmp_path, card):
    evaluation = {**make_evaluation(3, 0), "slices": [], "importance": {}}
    paths = write_model_card(tmp_path / "bare", spec=make_spec(description=""), lineage={}, evaluation=evaluation,
                             verdict={"decision": "reject", "gates": []})
    page, text = Page(paths.html.read_text(encoding="utf-8")), paths.markdown.read_text(encoding="utf-8")
    assert SECTIONS - set(page.text) == {"candidates", "plots", "slices"}
    assert "There was no champion to compare with." in page.text["metrics"]
    assert "Not defined on this holdout" in page.text["limits"]
    for absent in ("None", "nan", "## Plots", "## Candidates", "## Slices"):
        assert absent not in text
    assert "--as-of" not in text


def test_plots_from_elsewhere_are_embedded_and_linked(tmp_path, card):
    plots = write_plots(card.evaluation, tmp_path / "else where")
    page, text = written(tmp_path / "card", card, plots=plots)
    assert page.tags.count("img") == 6
    assert "](../else%20where/roc.png)" in text


@pytest.mark.parametrize(("source", "shown"), [
    ("table.csv", "table.csv"), ("postgresql://ann:secret@db/x", "postgresql://ann:***@db/x"),
    ("postgresql://ann:se/cr@et@db/x", "postgresql://ann:***@db/x"),
    ("https://host/a.csv?sig=secret", "https://host/a.csv?…"), ("s3://bucket/key.parquet", "s3://bucket/key.parquet")])
def test_a_source_is_shown_without_its_secrets(source, shown):
    assert without_secrets(source) == shown
