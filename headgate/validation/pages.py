"""A validation report for people and programs: an HTML page, a Markdown summary, JSON."""

import json
from pathlib import Path

SINGULAR = {"rows": "row", "columns": "column", "days": "day", "classes": "class"}


def write_validation_report(report, folder):
    """Write validation.html (self-contained), validation.md and validation.json into `folder`.

    Returns {"html": Path, "markdown": Path, "json": Path}. Raises StorageError if the disk is full or not writable.
    """
    from headgate.report.page import render, write_page
    rows = [_row(check) for check in report.checks]
    page = render("validation.html", report=report, failed=[row for row in rows if row["status"] == "failed"],
                  skipped=[row for row in rows if row["status"] == "skipped"],
                  passed=[row for row in rows if row["status"] == "passed"],
                  moved=next((row for row in rows if row["rule"] == "distribution" and row["examples"]), None))
    folder = Path(folder)
    return {"html": write_page(folder / "validation.html", page),
            "markdown": write_page(folder / "validation.md", markdown(report)),
            "json": write_page(folder / "validation.json",
                               json.dumps(report.to_dict(), indent=1, ensure_ascii=False, allow_nan=False) + "\n")}


def markdown(report):
    """Return the summary as Markdown: the verdict, failed and skipped checks one by one, passed ones counted."""
    from headgate.report.page import markdown as cell
    lines = [f"## Validation of {cell(report.model)}: {'passed' if report.ok else 'FAILED'}", "",
             cell(report.summary), ""]
    told = [_row(check) for check in report.checks if check.status != "passed"]
    if told:
        lines += ["| | rule | column | observed | limit | what it means |", "|---|---|---|---|---|---|"]
        lines += ["| " + " | ".join(cell(row[name]) for name in (
            "status", "rule", "column", "observed", "limit", "sentence")) + " |" for row in told]
        lines.append("")
    counts = {}
    for check in report.checks:
        if check.status == "passed":
            counts[check.rule] = counts.get(check.rule, 0) + 1
    if counts:
        lines.append("Passed: " + ", ".join(f"{cell(rule)} ({count})" for rule, count in counts.items()) + ".")
    return "\n".join(lines).rstrip() + "\n"


def _row(check):
    names = list(dict.fromkeys(name for example in check.examples for name in example))
    return {"status": check.status, "rule": check.rule.replace("_", " "), "column": check.column or "(the table)",
            "observed": _amount(check.observed, check.measure), "limit": _limit(check), "sentence": check.sentence,
            "count": check.count, "head": names, "expectation": check.expectation,
            "examples": [[_cell(example.get(name)) for name in names] for example in check.examples]}


def _amount(value, measure):
    from headgate.report.page import number, percent
    if value is None:
        return "–"
    if measure.startswith("share"):
        text = "under 0.1 %" if 0 < value < 0.0005 else percent(value)
        return f"{text} of {measure.removeprefix('share of ')}"
    return f"{number(value)} {SINGULAR[measure] if value == 1 else measure}"


def _limit(check):
    if check.limit is None:
        return "–"
    word = "at least" if check.rule in ("minimum_rows", "class_rows", "varying_target") else "at most"
    word = "exactly" if check.rule == "schema" else word
    return "none" if check.limit == 0 and word == "at most" else f"{word} {_amount(check.limit, check.measure)}"


def _cell(value):
    if value is None:
        return "(empty)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
