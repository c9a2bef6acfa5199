"""Options that the benchmarks of serving have in common."""

import argparse
import os
from pathlib import Path

from benchmarks.measure import ROOT


def parser(description):
    """Return an ArgumentParser with --home, --cache and --json."""
    home = Path(os.environ.get("HEADGATE_HOME") or ROOT / ".headgate")
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--home", type=Path, default=home,
                      help="state directory with a trained flights; trained there once if it holds none (%(default)s)")
    made.add_argument("--cache", type=Path, default=None,
                      help="where environments of the peers and prepared models are kept (HOME/benchmarks)")
    made.add_argument("--json", action="store_true", help="one JSON object as the last line")
    return made


def parse(made, arguments):
    """Return the parsed options with `home` and `cache` absolute; the cache is there."""
    options = made.parse_args(arguments)
    options.home = options.home.resolve()
    options.cache = (options.cache or options.home / "benchmarks").resolve()
    options.cache.mkdir(parents=True, exist_ok=True)
    return options


def names_of(known):
    """Return a type for argparse: names with commas between, each of which is in `known`."""
    def read(text):
        names = [one for one in text.split(",") if one]
        strange = [one for one in names if one not in known]
        if strange:
            raise argparse.ArgumentTypeError(f"there is no {', '.join(strange)}; known: {', '.join(known)}")
        return names
    return read
