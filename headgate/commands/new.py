"""`python -m headgate new NAME --from TABLE --target COLUMN`: a draft of model.yaml read off a table."""

import os
import re
import uuid
from pathlib import Path
from typing import Annotated

import typer

from headgate.commands.shell import JsonOption, command_errors, finish
from headgate.errors import SpecError, StorageError
from headgate.workspace import Workspace

NAME = re.compile(r"[a-z][a-z0-9_-]{0,59}")


def new(
    name: Annotated[str, typer.Argument(help="Name of the model and of its folder under models/.")],
    table: Annotated[str, typer.Option("--from", help="CSV or Parquet file, or its URL.")],
    target: Annotated[str, typer.Option("--target", help="The column to predict; it must hold classes.")],
    encoding: Annotated[str, typer.Option(help="Text encoding of a CSV.")] = "utf-8",
    separator: Annotated[str, typer.Option(help="Column separator of a CSV.")] = ",",
    json_output: JsonOption = False,
):
    """Draft models/NAME/model.yaml for a table of your own.

    Columns, kinds, ranges and categories are read off the table; comments say where a person should look.

    Examples:

      python -m headgate new churn --from customers.csv --target left

      python -m headgate new wine --from wine.csv --separator ";" --target quality
    """
    with command_errors(json_output):
        path, made = write_draft(Workspace.from_environment(), name, table, target, encoding=encoding,
                                 separator=separator)
        left_out = {str(column): why for column, why in made.left_out.items()}
        finish(json_output, {"model": name, "file": str(path), "columns": list(made.listed), "left_out": left_out,
                             "notes": list(made.notes)}, _told(path, made))


def write_draft(workspace, name, table, target, *, encoding="utf-8", separator=","):
    """Write models/NAME/model.yaml in one step; return (path, Draft). Refuses to overwrite a file."""
    from headgate.spec.draft import draft
    path = workspace.root / "models" / name / "model.yaml"
    if not NAME.fullmatch(name):
        raise SpecError("A model's name is lower-case letters, digits, - and _, beginning with a letter.", value=name)
    if path.exists():
        raise SpecError(f"{path} exists already.", remedy="Choose another name, or delete it first.")
    source = _source(table, path.parent, workspace.root, encoding, separator)
    made = draft(name, _read(source, path.parent), target, source)
    _parse(made.text)
    _write(path, made.text)
    return path, made


def _source(table, folder, root, encoding, separator):
    """Return the mapping under data.source: a path in the checkout relative to the model, any other absolute."""
    from headgate.data.places import replacement
    place = replacement(table)
    where = table if place.remote else _stated(Path(place.address).resolve(), folder, root)
    source = {"parquet" if place.parquet else "csv": where}
    if not place.parquet:
        source |= {"encoding": encoding} if encoding != "utf-8" else {}
        source |= {"separator": separator} if separator != "," else {}
    return source


def _stated(path, folder, root):
    if path.is_relative_to(root):
        return Path(os.path.relpath(path, folder)).as_posix()
    return path.as_posix()


def _read(source, folder):
    """Read the whole table, every column of a CSV as text."""
    from headgate.data.cells import Cells
    from headgate.data.tables import read_source
    from headgate.spec.sources import Source
    return read_source(Source.model_validate(source), folder, cells=Cells(text=_Everything())).frame


class _Everything:
    """Contains whatever it is asked for."""

    def __contains__(self, name):
        return True


def _parse(text):
    """Prove that the draft is a spec before it is written."""
    import yaml

    from headgate.spec import ModelSpec
    return ModelSpec.model_validate(yaml.safe_load(text))


def _write(path, text):
    part = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror or error}.") from None
    finally:
        part.unlink(missing_ok=True)


def _told(path, made):
    lines = [f"Wrote {path} with {len(made.listed)} columns."]
    lines += [f"  left out {name!r}: {why}" for name, why in made.left_out.items()]
    lines += [f"  look: {note}" for note in made.notes]
    return "\n".join([*lines, f"Read it, correct it, then: python -m flows.train --model {path.parent.name}"])
