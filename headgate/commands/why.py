"""`why`: the whole story of a version, from the ledger."""

import json
from typing import Annotated

import typer

from headgate import ledger
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.registry import read
from headgate.workspace import Workspace


def why(name: Annotated[str, typer.Argument(help="Name of the model.")],
        version: Annotated[str, typer.Option(help="Number or alias.")],
        json_output: JsonOption = False):
    """Tell a version's whole story from the ledger, and verify the ledger's chain (exit 1 if it is broken).

    Examples:

        python -m headgate why flights --version 3

        python -m headgate why flights --version champion --json
    """
    with command_errors(json_output):
        workspace = Workspace.from_environment()
        one = read.find_version(workspace, name, version)
        told = [entry for entry in ledger.entries(workspace, name) if _concerns(entry, one)]
        chain = ledger.verify_chain(workspace, name)
        document = {"model": name, "version": one.version, "digest": one.digest, "chain_ok": chain.ok,
                    "broken_at": chain.broken_at, "why": chain.why, "entries": [entry.to_dict() for entry in told]}
        finish(json_output, document, _story(one, told, chain), code=0 if chain.ok else 1)


def _concerns(entry, one):
    """True for what happened to the version or its bundle, and for what took its place."""
    if entry.version:
        return entry.version == one.version or json.loads(entry.body).get("before") == one.version
    return bool(entry.digest) and entry.digest == one.digest


def _story(one, told, chain):
    lines = [f"The story of {one.model} version {one.version} (bundle {one.digest[:12]}):"]
    for entry in told:
        named = f" -> version {entry.version}" if entry.version not in ("", one.version) else ""
        lines.append(f"  {entry.at[:19]}  {entry.event}{named}, by {entry.actor}")
        lines += [f"      {line}" for line in _details(json.loads(entry.body))]
    if not told:
        lines.append("  The ledger of this place says nothing about it.")
    lines.append(f"The ledger's chain of {chain.entries} entries holds." if chain.ok else
                 f"THE LEDGER WAS TAMPERED WITH at entry {chain.broken_at}: {chain.why}.")
    return "\n".join(lines)


def _details(body):
    for key in ("decision", "override", "before", "reason", "algorithm", "data_digest", "spec_digest", "git_commit",
                "finished"):
        if body.get(key):
            yield f"{key.replace('_', ' ')}: {body[key]}"
    if body.get("metrics"):
        yield "metrics: " + ", ".join(f"{name} {value:.4f}" for name, value in body["metrics"].items()
                                      if isinstance(value, (int, float)))
    if body.get("gates"):
        yield "gates: " + ", ".join(f"{name} {verdict}" for name, verdict in body["gates"].items())
    for alias, version in (body.get("moves") or {}).items():
        yield f"alias {alias}: " + (f"version {version}" if version else "taken away")
