"""`show`: the versions of a model, and who serves."""

import json
from datetime import datetime, timezone
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import VersionNotFound
from headgate.registry import read
from headgate.workspace import Workspace


def show(name: Annotated[str, typer.Argument(help="Name of the model.")],
         version: Annotated[str | None, typer.Option(help="Only this one, with its gates: number or alias.")] = None,
         json_output: JsonOption = False):
    """Show the versions of a model with aliases, metrics and gates.

    Examples:

        python -m headgate show flights

        python -m headgate show flights --version champion --json
    """
    with command_errors(json_output):
        workspace = Workspace.from_environment()
        if version is None:
            return _show_all(workspace, name, json_output)
        _show_one(workspace, name, version, json_output)


def _show_all(workspace, name, json_output):
    found = read.list_versions(workspace, name)
    if not found:
        raise VersionNotFound(f"{name!r} has no registered version.",
                              limit=", ".join(read.list_names(workspace)) or "no model is registered yet",
                              remedy=f"Train one: python -m flows.train --model {name}.")
    finish(json_output, {"model": name, "versions": [_facts(one) for one in found]}, _versions_table(name, found))


def _show_one(workspace, name, version, json_output):
    from headgate.bundle import read_evaluation, read_gates, read_lineage
    one = read.find_version(workspace, name, version)
    folder = read.bundle_folder(workspace, one)
    gates, lineage = read_gates(folder), read_lineage(folder)
    document = {**_facts(one), "gates": gates, "lineage": lineage, "metrics": read_evaluation(folder)["metrics"],
                "bundle": folder}
    finish(json_output, document, _version_page(one, gates, lineage, document["metrics"]))


def _facts(one):
    tags = {key.removeprefix("headgate."): value for key, value in one.tags.items() if key.startswith("headgate.")}
    return {**one.to_dict(), "created": _day(one.created), "algorithm": tags.get("algorithm", ""),
            "data_digest": tags.get("data_digest", ""), "metrics": json.loads(tags.get("metrics", "{}")),
            "gates": json.loads(tags.get("gates", "{}"))}


def _versions_table(name, found):
    from rich import box
    from rich.table import Table
    table = Table(title=f"Versions of {name}", box=box.SIMPLE_HEAD)
    for title in ("version", "alias", "gates", "accuracy", "algorithm", "data as of"):
        table.add_column(title, overflow="fold", no_wrap=title in ("version", "gates", "accuracy"))
    for one in found:
        facts = _facts(one)
        table.add_row(one.version, ", ".join(one.aliases), one.decision, _number(facts["metrics"].get("accuracy")),
                      facts["algorithm"], one.tags.get("headgate.as_of", ""))
    return table


def _version_page(one, gates, lineage, metrics):
    from rich import box
    from rich.console import Group
    from rich.table import Table
    table = Table(title="Gates", box=box.SIMPLE_HEAD)
    for title in ("gate", "observed", "limit", "verdict", "why"):
        table.add_column(title, overflow="fold")
    for gate in gates.get("gates", ()):
        table.add_row(gate["name"], _number(gate.get("observed")), _number(gate.get("limit")), gate["verdict"],
                      gate["sentence"])
    lines = [f"{one.model} version {one.version} ({', '.join(one.aliases) or 'no alias'}), gates say "
             f"{one.decision}", f"digest     {one.digest}", f"algorithm  {lineage.get('algorithm')}",
             f"data       {lineage.get('data_digest')} as of {lineage.get('as_of')}",
             f"commit     {lineage.get('git_commit')}",
             "metrics    " + ", ".join(f"{name} {_number(value)}" for name, value in metrics.items())]
    return Group("\n".join(lines), table, f"Its whole story: python -m headgate why {one.model} "
                                          f"--version {one.version}")


def _number(value):
    return f"{value:.4f}" if isinstance(value, (int, float)) else "-"


def _day(milliseconds):
    return datetime.fromtimestamp(milliseconds / 1000, timezone.utc).strftime("%Y-%m-%d %H:%M")
