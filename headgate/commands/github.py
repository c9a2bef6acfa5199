"""What a workflow of GitHub Actions reads of a run: outputs of its step, and a page in the run's summary.

    GithubOption = Annotated[bool, typer.Option("--github-output", ...)]

    with command_errors(as_json):
        need_github(github)                 # before the run
        summary = ...
        tell_github(github, summary, report=summary["markdown"])
"""

import json
import os
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from headgate.bundle.canonical import plain
from headgate.errors import HeadgateError, StorageError

OUTPUT, PAGE = "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"
LARGEST_PAGE = 1_000_000    # bytes; GitHub refuses a page of more than 1 MiB
CUT = "\n\n(cut: the whole report is among the artifacts)\n"
GithubOption = Annotated[bool, typer.Option(
    "--github-output", help="Write the summary to $GITHUB_OUTPUT and the report to $GITHUB_STEP_SUMMARY.")]


def need_github(wanted, environment=None):
    """Raise HeadgateError when outputs are wanted and there is no file for them; call it before the run."""
    environment = os.environ if environment is None else environment
    if wanted and not environment.get(OUTPUT):
        raise HeadgateError(f"--github-output needs the variable {OUTPUT}, which names the file to write to.",
                            remedy="GitHub Actions sets it in every step; elsewhere leave the option out.")


def tell_github(wanted, summary, *, report=None, environment=None):
    """Append the summary to the step's outputs and `report` to its page; does nothing unless `wanted`.

    report : Markdown text, or the path of a Markdown file; the summary's sentence by default.
    Text, numbers and true or false are written as they are, null as nothing, everything else as JSON.
    """
    environment = os.environ if environment is None else environment
    if not wanted:
        return
    need_github(wanted, environment)
    _append(environment[OUTPUT], outputs_of(summary))
    if environment.get(PAGE):
        _append(environment[PAGE], page_of(summary, report))


def run_url(environment):
    """Return the address of the run of GitHub Actions that this is a step of, or ""."""
    parts = [environment.get(name) for name in ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID")]
    return "{}/{}/actions/runs/{}".format(*parts) if all(parts) else ""


def outputs_of(summary):
    """Return the lines of a file of outputs, one output per key; a value of several lines keeps them."""
    return "".join(_output(str(name), _text(value)) for name, value in sorted(plain(summary).items()))


def page_of(summary, report=None):
    """Return the Markdown of the step's page."""
    if isinstance(report, Path):
        report = report.read_text(encoding="utf-8")
    text = (report or f"**{summary.get('model', '')}** {summary.get('sentence', '')}").rstrip() + "\n\n"
    data = text.encode()
    return text if len(data) <= LARGEST_PAGE else data[:LARGEST_PAGE].decode(errors="ignore") + CUT


def _output(name, value):
    if "\n" not in value and "\r" not in value:
        return f"{name}={value}\n"
    end = f"end-{uuid4().hex}"      # nobody who writes a value can know it
    return f"{name}<<{end}\n{value}\n{end}\n"


def _text(value):
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _append(path, text):
    try:
        with open(path, "a", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}.",
                           remedy=f"Is {OUTPUT} the file that GitHub Actions made for this step?") from error
