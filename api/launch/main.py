"""`python -m api`: read the options, then run uvicorn."""

import argparse
import json
import os
import sys
from typing import get_args

from pydantic import ValidationError
from pydantic_settings import SettingsError

from api.settings import Settings
from headgate.errors import HeadgateError

EXAMPLES = """examples:
  python -m api                                   the registry of this checkout, on http://127.0.0.1:8000
  python -m api --bundles ./bundles               a folder of bundles; no MLflow needed
  python -m api --host 0.0.0.0 --workers 4 --keys-file keys.txt
  python -m api key ada --keys-file keys.txt      make an API key (--admin: one that may reload and roll back)
  python -m api check --bundles ./bundles         would every champion there serve?

Every option is also read from the environment: --max-rows is HEADGATE_MAX_ROWS.
State and registry are those of the flows: HEADGATE_HOME, HEADGATE_DATABASE_URL, MLFLOW_TRACKING_URI.
Exit codes: 0 stopped as asked, 2 could not run."""


def main(arguments=None):
    """Run the command; exits with 2 and a sentence (with --json an object, too) when it cannot."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] == ["key"]:
            from api.launch.key import make_key
            make_key(arguments[1:])
        elif arguments[:1] == ["check"]:
            from api.launch.check import check
            sys.exit(check(arguments[1:]))
        else:
            from api.launch.serve import serve
            serve(read_settings(arguments))
    except HeadgateError as error:
        sys.stderr.write(f"{error}\n")
        if "--json" in arguments:
            sys.stdout.write(json.dumps({"error": str(error), "kind": type(error).__name__, "exit_code": 2}) + "\n")
        sys.exit(2)


def read_settings(arguments):
    """Return the Settings of the command line over those of the environment."""
    parser = argparse.ArgumentParser("python -m api", description="Serve predictions over REST.", epilog=EXAMPLES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, field in Settings.model_fields.items():
        shown = "" if field.default in (None, []) else f" (default: {field.default})"
        parser.add_argument(option(name), dest=name, metavar=_metavar(field),
                            help=field.description.replace("%", "%%") + shown,
                            action=argparse.BooleanOptionalAction if field.annotation is bool else "store")
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    for name, value in given.items():
        os.environ[f"HEADGATE_{name.upper()}"] = str(value)     # workers are processes of their own and read it there
    try:
        return Settings()
    except ValidationError as error:
        raise HeadgateError("\n".join(_told(one) for one in error.errors())) from None
    except SettingsError:       # the one setting that is a list
        raise HeadgateError("--cors-origins (HEADGATE_CORS_ORIGINS) is no JSON list.",
                            value=os.environ["HEADGATE_CORS_ORIGINS"],
                            remedy="Write '[\"https://shop.example.org\"]'.") from None


def option(name):
    """Return how a setting is called on the command line."""
    return f"--{name.replace('_', '-')}"


def _metavar(field):
    if field.annotation is bool:
        return None
    choices = [one for one in get_args(field.annotation) if isinstance(one, str)]
    return "|".join(choices) or {int: "N", float: "X"}.get(field.annotation, "VALUE")


def _told(one):
    name = str(one["loc"][0])
    return f"{option(name)} (HEADGATE_{name.upper()}): {one['msg']}; seen {one['input']!r}."
