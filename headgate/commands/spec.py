"""`spec`: check a model.yaml, or print the JSON Schema that editors complete it by."""

import json
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.spec import ModelSpec, find_model, list_models, load_spec, spec_digest
from headgate.workspace import Workspace


def spec(name: Annotated[str | None, typer.Argument(help="Name of a model; all of them when left out.")] = None,
         schema: Annotated[bool, typer.Option("--schema", help="Print the JSON Schema of model.yaml.")] = False,
         json_output: JsonOption = False):
    """Check one model.yaml with its features.py, or every one, and say what it asks for; no table is read.

    Examples:

        python -m headgate spec flights

        python -m headgate spec --schema > model.schema.json
    """
    with command_errors(json_output):
        if schema:
            document = ModelSpec.model_json_schema()
            finish(json_output, document, json.dumps(document, indent=2))
            return
        root = Workspace.from_environment().root
        found = [_checked(find_model(root, one)) for one in ([name] if name else list_models(root))]
        text = "\n".join(map(_line, found)) or "No models yet."
        finish(json_output, {"models": [_facts(one) for one in found]}, text)


def _checked(folder):
    """Return the spec of a model folder; raises what can be known without a row of its table."""
    found = load_spec(folder)
    from headgate.training.foreseen import refuse_early

    refuse_early(found, folder)
    return found


def _facts(found):
    return {"model": found.name, "unset": list(_unset(found)), "columns": len(found.columns),
            "classes": found.target.classes, "algorithms": list(found.algorithms),
            "gates": [gate.gate for gate in found.all_gates], "digest": spec_digest(found)}


def _line(found):
    line = (f"{found.name}: valid. {len(found.columns)} columns, {len(found.target.classes)} classes, "
            f"{len(found.algorithms)} algorithms, {len(found.all_gates)} gates.")
    unset = ", ".join(_unset(found))
    return f"{line} Not set in this environment, and a run needs it: {unset}." if unset else line


def _unset(found):
    """Return the ${VARIABLES} of its sources and channels that the environment lacks, in order."""
    from headgate.data.places import unset
    return unset(found.data.model_dump_json() + found.notify.model_dump_json())
