"""What a person reads at the end of a run."""

import sys

from flows.launch.gates import gate_sentences, gate_table

OUTCOMES = {
    "promoted": "Version {version} passed every gate and is the first champion.",
    "registered": "Version {version} passed every gate and waits as challenger.",
    "held": "Version {version} is registered without an alias: the data cannot tell.",
    "rejected": "Rejected. Nothing was registered; the champion is as it was.",
    "unchanged": "Nothing changed since the last run; it was not repeated (--force repeats it).",
}


def show_training(summary, as_json):
    """Print the gates, what their numbers do not tell, the outcome and the next command; return the exit code."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=as_json)
    if summary["gates"]:
        console.print(gate_table(summary))
    for sentence in (*gate_sentences(summary["gates"]), *summary.get("failed", ())):
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


def show_deployment(summary, as_json):
    """Print what failed on staging, what came of the run and the next command; return the exit code."""
    from rich.console import Console
    from rich.markup import escape

    console = Console(stderr=as_json)
    checks = [check for step in summary["steps"] for check in step["details"].get("checks", ())]
    for check in checks:
        if not check["ok"]:
            console.print(f"- {check['name']}: {check['sentence']}", markup=False, highlight=False, soft_wrap=True)
    console.print(summary["sentence"], markup=False, highlight=False, soft_wrap=True)
    why = f"python -m headgate why {summary['model']} --version {summary['version']}"
    console.print(f"next: [bold]{escape(why)}[/bold]", soft_wrap=True, highlight=False)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return 0 if summary["outcome"] in ("deployed", "unchanged", "staged") else 1


def show_scoring(summary, as_json):
    """Print the counts, what was wrong, and where the files are; return the exit code."""
    from rich.console import Console

    console = Console(stderr=as_json)
    for sentence in summary["failed"]:
        console.print(f"- {sentence}", markup=False, highlight=False, soft_wrap=True)
    if summary["output"]:
        classes = ", ".join(f"{name} {rows:,}" for name, rows in summary["classes"].items())
        console.print(f"classes: {classes}", markup=False, highlight=False, soft_wrap=True)
    console.print(summary["sentence"], markup=False, highlight=False, soft_wrap=True)
    for title, place in (("predictions", summary["output"]), ("quarantined rows", summary["quarantine"])):
        if place:
            console.print(f"{title}: {place}", markup=False, highlight=False, soft_wrap=True)
    if as_json:
        from flows.launch.run import as_json_line

        sys.stdout.write(as_json_line(summary) + "\n")
    return 0 if summary["outcome"] == "scored" else 1
