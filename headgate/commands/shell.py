"""What every command shares: errors without tracebacks, exit codes, and JSON as the last line.

    @app.command()
    def show(name: str, json_output: JsonOption = False):
        with command_errors(json_output):
            ...
            finish(json_output, {"model": name}, "text for a person")

| code | meaning |
|---|---|
| 0 | done; also: nothing to do, held |
| 1 | the answer is no |
| 2 | could not run |
| 130 | interrupted |
"""

import json
import os
import sys
import traceback
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Annotated

import typer

from headgate.bundle.canonical import plain
from headgate.errors import HeadgateError
from headgate.workspace import Workspace

JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object as the last line of standard output.")]
INTERRUPTED = 130


@contextmanager
def command_errors(json_output, *, workspace=None):
    """Turn whatever is raised inside into a message on standard error and an exit code.

    A HeadgateError says its own message and code; anything unknown is one line, its traceback in a log file.
    """
    try:
        yield
    except HeadgateError as error:
        _fail(json_output, str(error), error.exit_code, type(error).__name__)
    except (KeyboardInterrupt, typer.Abort):
        _fail(json_output, "Interrupted. Nothing half-made is in use; run the same command again.", INTERRUPTED,
              "Interrupted")
    except (typer.Exit, typer.BadParameter, SystemExit):
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except Exception as error:
        place = write_traceback(workspace)
        _fail(json_output, f"Something unforeseen went wrong ({type(error).__name__}). {place}", 2,
              type(error).__name__)


def finish(json_output, document, text=None, *, code=0):
    """Print the outcome, as JSON or as `text` (anything rich can show), and end with `code`."""
    if json_output:
        print_json(document)
    elif text is not None:
        from rich.console import Console
        Console(highlight=False, soft_wrap=isinstance(text, str)).print(text, markup=False)
    if code:
        raise typer.Exit(code)


def print_json(document):
    """Write `document` as one line of JSON to standard output."""
    sys.stdout.write(json.dumps(plain(document), sort_keys=True, allow_nan=False) + "\n")
    sys.stdout.flush()


def write_traceback(workspace=None):
    """Write the traceback being handled under home/logs and return one sentence that says where."""
    workspace = workspace or Workspace.from_environment()
    if os.environ.get("GITHUB_ACTIONS"):     # where that file is gone with the runner
        traceback.print_exc()
    stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S")
    path = workspace.home / "logs" / f"error-{stamp}-{os.getpid()}.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(traceback.format_exc(), encoding="utf-8")
    except OSError as error:
        return f"Its traceback could not be written to {path} ({error.strerror})."
    return f"Its traceback is in {path}; please report it."


def _fail(json_output, message, code, kind):
    typer.echo(message, err=True)
    if json_output:
        print_json({"error": message, "kind": kind, "exit_code": code})
    raise typer.Exit(code)
