"""A comparison for people and programs: a Markdown page and JSON."""

import json
from pathlib import Path

from headgate.bundle.canonical import plain
from headgate.report.page import markdown as cell, percent, write_page

HEAD = ("column", "moved", "PSI", "Jensen-Shannon", "importance", "empty in reference", "empty now", "note")


def write_drift_report(summary, folder):
    """Write drift.md and drift.json into `folder`; return {"markdown": path, "json": path} as text."""
    folder = Path(folder)
    return {"markdown": str(write_page(folder / "drift.md", markdown(summary))),
            "json": str(write_page(folder / "drift.json", json.dumps(plain(summary), indent=1, sort_keys=True) + "\n"))}


def markdown(summary):
    """Return the page of a summary as `summary_of` makes it."""
    lines = [f"## Drift of {cell(summary['model'])} version {cell(summary['version'])}: {summary['outcome']}", "",
             cell(summary["sentence"]), ""]
    lines += [f"- {cell(note)}" for note in summary["notes"]] + [""] * bool(summary["notes"])
    if summary["columns"]:
        lines += ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD)]
        lines += ["| " + " | ".join(cell(row[name]) for name in HEAD) + " |" for row in table(summary)] + [""]
    counting = "by their importance to the champion" if summary["weights"] == "importance" else "the same"
    lines += [f"Compared: {cell(summary['origin'])}; {summary['reference_rows']:,} rows of the reference. Columns "
              f"count {counting}."]
    return "\n".join(lines) + "\n"


def table(summary):
    """Return a dict per column, as a person reads them; the predicted classes are the last."""
    rows = [{"column": one["column"], "moved": "yes" if one["drifted"] else "no", "PSI": f"{one['psi']:.3f}",
             "Jensen-Shannon": f"{one['jensen_shannon']:.3f}", "importance": percent(one["weight"]),
             "empty in reference": percent(one["missing_reference"]), "empty now": percent(one["missing_now"]),
             "note": one["note"]} for one in summary["columns"]]
    moved = summary["predictions"]
    if moved is None:
        return rows
    shares = "; ".join(f"{name} {percent(moved['reference'][name])} then, {percent(share)} now"
                       for name, share in moved["now"].items())
    return [*rows, {"column": "(predicted class)", "moved": "yes" if moved["drifted"] else "no",
                    "PSI": f"{moved['psi']:.3f}", "Jensen-Shannon": f"{moved['jensen_shannon']:.3f}", "importance": "–",
                    "empty in reference": "–", "empty now": "–", "note": shares}]
