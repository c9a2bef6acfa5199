"""A decision for people: a Markdown page."""

from headgate.report.page import markdown as cell, number


def markdown(summary):
    """Return the page of a summary as `summary_of` makes it."""
    lines = [f"## Retraining of {cell(summary['model'])}: {summary['outcome'].replace('_', ' ')}", "",
             cell(summary["sentence"]), "", "| rule | observed | limit | fires | why |", "|---|---|---|---|---|"]
    for kind in ("reasons", "holds"):
        lines += [f"| {cell(rule['rule'])} | {number(rule['observed'])} | {number(rule['limit'])} | "
                  f"{'yes' if rule['fires'] else 'no'} | {cell(rule['sentence'])} |" for rule in summary[kind]]
    training = summary["training"]
    if training and training.get("gates"):
        lines += ["", "| gate | observed | limit | verdict |", "|---|---|---|---|"]
        lines += [f"| {cell(gate['name'])} | {number(gate['observed'])} | {number(gate['limit'])} | {gate['verdict']} |"
                  for gate in training["gates"]]
    return "\n".join(lines) + "\n"
