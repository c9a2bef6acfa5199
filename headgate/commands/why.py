"""`why`: the whole story of a version, from the ledger."""

import json
from typing import Annotated

import typer

from headgate import ledger
from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.registry import read
from headgate.workspace import Workspace

FACTS = ("sentence", "rows", "decision", "override", "before", "reason", "algorithm", "as_of", "data_digest",
         "spec_digest", "git_commit", "finished", "candidate", "outcome", "how", "staging", "report")


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
        told = _story_of(ledger.entries(workspace, name), one)
        chain = ledger.verify_chain(workspace, name)
        document = {"model": name, "version": one.version, "digest": one.digest, "chain_ok": chain.ok,
                    "broken_at": chain.broken_at, "why": chain.why, "entries": [entry.to_dict() for entry in told]}
        finish(json_output, document, _text(one, told, chain), code=0 if chain.ok else 1)


def _story_of(entries, one):
    """Return what happened to the version: its data's validation, its gates, and whose place it took or gave up."""
    made = next((entry for entry in entries if entry.version == one.version and _table(entry)), None)
    checks = [entry for entry in entries[:made.sequence - 1] if _table(entry) == _table(made)] if made else []
    return [entry for entry in entries if entry in checks[-1:] or _concerns(entry, one)]


def _table(entry):
    return json.loads(entry.body).get("table")


def _concerns(entry, one):
    """True for what happened to the version or its bundle, and for what took its place."""
    if entry.version:
        return entry.version == one.version or json.loads(entry.body).get("before") == one.version
    return bool(entry.digest) and entry.digest == one.digest


def _text(one, told, chain):
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
    for key in FACTS:
        if body.get(key):
            yield f"{key.replace('_', ' ')}: {body[key]}"
    if body.get("metrics"):
        yield "metrics: " + ", ".join(f"{name} {value:.4f}" for name, value in body["metrics"].items()
                                      if isinstance(value, (int, float)))
    if body.get("prediction_log"):
        yield f"of the prediction log: {body['prediction_log']['rows']:,} rows, {body['prediction_log']['digest'][:12]}"
    for rule in body.get("reasons") or ():
        yield f"rule {rule['rule']}: {rule['sentence']}"
    for gate in body.get("gates") or ():
        yield f"gate {gate['name']}: {gate['verdict']}. {gate.get('sentence') or ''}".rstrip()
    for alias, version in (body.get("moves") or {}).items():
        yield f"alias {alias}: " + (f"version {version}" if version else "taken away")
