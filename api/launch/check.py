"""`python -m api check`: would the service take every champion of its source?"""

import argparse
import json
import re
import sys

from api.launch.main import read_settings
from api.models.load import Limits, load
from api.sources.choose import choose_source
from headgate.errors import HeadgateError
from headgate.workspace import Workspace

EXPECTED = re.compile(r"([^=\s]+)=([0-9a-f]{64})")
EXAMPLES = """examples:
  python -m api check --bundles ./bundles
  python -m api check --bundles ./bundles --expect flights=f8cdfa63...     its whole digest, 64 digits
  python -m api check --json                              the registry of this checkout

Every option of `python -m api` may come along.
Exit codes: 0 every champion would serve, 1 one would not, 2 could not look."""


def check(arguments):
    """Prove every champion as the service does before it takes one; return 0 or 1. Raises HeadgateError."""
    parser = argparse.ArgumentParser("python -m api check", epilog=EXAMPLES,
                                     description="Load every champion, let it answer its golden rows, and end.",
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--expect", default="", metavar="NAME=DIGEST", help="Champions that must be these, separated "
                                                                            "by commas.")
    parser.add_argument("--json", action="store_true", help="One JSON object as the last line of standard output.")
    options, others = parser.parse_known_args(arguments)
    expected = read_expected(options.expect)
    settings = read_settings(others)
    source = choose_source(settings, Workspace.from_environment())
    try:
        found = examine(source.listing(), expected, Limits(settings.max_rows, settings.slowest_ms))
    finally:
        source.close()
    sys.stdout.write((json.dumps(found, sort_keys=True) if options.json else _told(found)) + "\n")
    return 1 if found["refused"] else 0


def read_expected(text):
    """Return model -> digest of "NAME=DIGEST,NAME=DIGEST"; raise HeadgateError for anything else."""
    expected = {}
    for one in filter(None, (part.strip() for part in text.split(","))):
        match = EXPECTED.fullmatch(one)
        if match is None:
            raise HeadgateError("--expect takes names and digests.", value=one,
                                limit="NAME=DIGEST with the 64 hexadecimal digits, separated by commas")
        expected[match[1]] = match[2]
    return expected


def examine(listing, expected, limits):
    """Return what would serve, and what would not and why, of a Listing. expected : model -> digest."""
    models, refused = {}, {}
    for wanted in listing.wanted:
        try:
            models[wanted.model] = _take(wanted, expected.get(wanted.model), limits)
        except HeadgateError as error:
            refused[wanted.model] = str(error)
    for name in sorted(set(expected) - set(models) - set(refused)):
        refused[name] = "It has no champion here."
    if not models and not refused:
        refused["*"] = "No model has a champion here."
    return {"outcome": "refused" if refused else "serves", "default": listing.default, "models": models,
            "refused": refused}


def _take(wanted, digest, limits):
    if wanted.trouble:
        raise HeadgateError(wanted.trouble)
    served = load(wanted, limits)
    if digest is not None and served.digest != digest:
        raise HeadgateError(f"The champion of {wanted.model!r} is another bundle than the one asked for.",
                            value=served.digest, limit=digest)
    return {"version": served.version, "role": served.role, "digest": served.digest}


def _told(found):
    lines = [f"{name} {one['version']} would serve (digest {one['digest'][:12]})."
             for name, one in found["models"].items()]
    return "\n".join(lines + [f"{name} would not serve: {why}" for name, why in found["refused"].items()])
