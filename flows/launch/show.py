"""What a person reads at the end of a run."""

import sys

OUTCOMES = {
    "promoted": "Version {version} passed every gate and is the first champion.",
    "registered": "Version {version} passed every gate and waits as challenger.",
    "held": "Version {version} is registered without an alias: the data cannot tell.",
    "rejected": "Rejected. Nothing was registered; the champion is as it was.",
    "unchanged": "Nothing changed since the last run; it was not repeated (--force repeats it).",
}
COLOURS = {"pass": "green", "hold": "yellow", "fail": "red"}


def show_training(summary, as_json):
    """Print the outcome, the gates and the next command; return the exit code."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=as_json)
    if summary["gates"]:
        console.print(_gate_table(summary))
    for sentence in summary.get("failed", ()):
        console.print(f"- {sentence}", markup=False, highlight=False, soft_wrap=True)
    console.print(OUTCOMES[summary["outcome"]].format(**summary), markup=False, highlight=False)
    if summary.get("sentence"):
        console.print(summary["sentence"], markup=False, highlight=False)
    for title, name in (("report", "report"), ("quarantined rows", "quarantine")):
        if summary.get(name):
            console.print(f"{title}: {escape(summary[name])}", soft_wrap=True, highlight=False)
    console.print(f"next: [bold]{escape(next_command(summary))}[/bold]", soft_wrap=True, highlight=False)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return exit_code(summary)


def exit_code(summary):
    """1 when the answer is no, also when an unchanged re-run repeats that answer; else 0."""
    return 1 if summary["outcome"] == "rejected" or summary.get("verdict") == "reject" else 0


def next_command(summary):
    """Return the command that a person most likely wants now."""
    model, version = summary["model"], summary.get("version")
    if summary["outcome"] == "registered":
        return f"python -m headgate promote {model} --version {version}"
    if version:
        return f"python -m headgate why {model} --version {version}"
    return f"python -m headgate show {model}"


def _gate_table(summary):
    from rich.table import Table

    table = Table(title=f"Gates of {summary['model']}")
    for name in ("gate", "observed", "limit", "verdict"):
        table.add_column(name, justify="right" if name in ("observed", "limit") else "left")
    for gate in summary["gates"]:
        colour = COLOURS[gate["verdict"]]
        table.add_row(gate["name"], _number(gate["observed"]), _number(gate["limit"]),
                      f"[{colour}]{gate['verdict']}[/{colour}]")
    return table


def _number(value):
    return "" if value is None else f"{value:.4g}"


def show_validation(summary, as_json):
    """Print what failed and where the report is; return the exit code."""
    from rich.console import Console

    console = Console(stderr=as_json)
    for sentence in summary["failed"]:
        console.print(f"- {sentence}", markup=False, highlight=False, soft_wrap=True)
    console.print(summary["sentence"], markup=False, highlight=False)
    for title, place in (("report", summary["report"]), ("quarantined rows", summary["quarantine"])):
        if place:
            console.print(f"{title}: {place}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return 0 if summary["outcome"] == "valid" else 1
