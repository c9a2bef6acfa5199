"""The process that follows a registry for the workers: `python -m api.sources.follow SECONDS ALIAS`, started by
one of them.

It ends with the worker that started it. A line on its standard input makes it look at once.
"""

import json
import os
import select
import sys

from api.sources.mirror import mirror_file
from api.sources.registry import serving
from headgate.errors import HeadgateError
from headgate.registry import read
from headgate.workspace import Workspace


def main():
    """Look, write down, wait; until standard input ends."""
    workspace, seconds, alias = Workspace.from_environment(), float(sys.argv[1]), sys.argv[2]
    place = mirror_file(workspace, alias)
    wanted = _last(place)
    while True:
        try:
            wanted, trouble = bearers(workspace, alias), ""
        except HeadgateError as error:
            trouble = str(error)
        write_down(place, {"wanted": wanted, "trouble": trouble})
        ready, _, _ = select.select([sys.stdin.fileno()], [], [], seconds)
        if ready and not os.read(sys.stdin.fileno(), 4096):
            return


def bearers(workspace, alias):
    """Return who serves each model (the bearer of `alias`, else the champion) with its bundle on this host."""
    found = [serving(workspace, name, alias) for name in read.list_names(workspace)]
    return [{"model": one.model, "role": role, "version": one.version, "digest": one.digest,
             "folder": str(read.bundle_folder(workspace, one))} for role, one in found if one is not None]


def write_down(path, document):
    """Replace the file in one step."""
    scratch = path.with_suffix(f".{os.getpid()}")
    scratch.write_text(json.dumps(document), encoding="utf-8")
    os.replace(scratch, path)


def _last(path):
    """Return what was written before, so that a registry that is away at the start costs nobody their champion."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))["wanted"]
    except (OSError, ValueError, KeyError):
        return []


if __name__ == "__main__":
    main()
